/**
 * The few words a card itself says, beside the merchant's own text. A card is built on the server, long before a
 * phone shows it, so its language is chosen here from the member's locale; an unknown language reads English.
 */

export type CardPhrases = {
  card: (organization: string) => string;
  nextReward: string;
  /** How much is missing to it, such as `6 stamps`. */
  toGo: (missing: string) => string;
  readyReward: string;
  member: string;
  yourCard: string;
  terms: string;
  openCard: string;
  noLongerValid: string;
  frozen: string;
  rewardReady: (name: string) => string;
  expiresSoon: string;
  /** What is left of which unit, and the last day on which it is good. */
  goodThrough: (amount: string, day: string) => string;
  tier: string;
  nextTier: string;
  orders: (count: string, isOne: boolean) => string;
  activity: string;
  preferences: string;
  news: string;
  /** How the card was last redrawn, for people: a count that rises. */
  edition: (number: string) => string;
};

const english: CardPhrases = {
  card: (organization) => `${organization} loyalty card`,
  nextReward: 'Next reward',
  toGo: (missing) => `${missing} to go`,
  readyReward: 'Ready to enjoy',
  member: 'Member',
  yourCard: 'Your card',
  terms: 'Terms',
  openCard: 'Card, activity and settings',
  noLongerValid: 'This card is no longer valid.',
  frozen: 'This card is frozen. Your balance is kept.',
  rewardReady: (name) => `Ready for you: ${name}`,
  expiresSoon: 'Expires soon',
  goodThrough: (amount, day) => `${amount}, good through ${day}`,
  tier: 'Tier',
  nextTier: 'Next tier',
  orders: (count, isOne) => `${count} ${isOne ? 'order' : 'orders'}`,
  activity: 'Activity',
  preferences: 'Preferences',
  news: 'News',
  edition: (number) => `Card edition ${number}`,
};

const german: CardPhrases = {
  card: (organization) => `${organization} Treuekarte`,
  nextReward: 'Nächste Prämie',
  toGo: (missing) => `noch ${missing}`,
  readyReward: 'Bereit für dich',
  member: 'Mitglied',
  yourCard: 'Deine Karte',
  terms: 'Bedingungen',
  openCard: 'Karte, Verlauf und Einstellungen',
  noLongerValid: 'Diese Karte ist nicht mehr gültig.',
  frozen: 'Diese Karte ist gesperrt. Dein Guthaben bleibt erhalten.',
  rewardReady: (name) => `Bereit für dich: ${name}`,
  expiresSoon: 'Läuft bald ab',
  goodThrough: (amount, day) => `${amount}, gültig bis ${day}`,
  tier: 'Stufe',
  nextTier: 'Nächste Stufe',
  orders: (count, isOne) => `${count} ${isOne ? 'Bestellung' : 'Bestellungen'}`,
  activity: 'Verlauf',
  preferences: 'Präferenzen',
  news: 'Neuigkeiten',
  edition: (number) => `Kartenausgabe ${number}`,
};

const french: CardPhrases = {
  card: (organization) => `Carte de fidélité ${organization}`,
  nextReward: 'Prochaine récompense',
  toGo: (missing) => `encore ${missing}`,
  readyReward: 'À savourer',
  member: 'Membre',
  yourCard: 'Votre carte',
  terms: 'Conditions',
  openCard: 'Carte, activité et réglages',
  noLongerValid: 'Cette carte n’est plus valable.',
  frozen: 'Cette carte est bloquée. Votre solde est conservé.',
  rewardReady: (name) => `Prêt pour vous : ${name}`,
  expiresSoon: 'Expire bientôt',
  goodThrough: (amount, day) => `${amount}, valable jusqu’au ${day}`,
  tier: 'Niveau',
  nextTier: 'Niveau suivant',
  orders: (count, isOne) => `${count} ${isOne ? 'commande' : 'commandes'}`,
  activity: 'Activité',
  preferences: 'Préférences',
  news: 'Actualités',
  edition: (number) => `Carte, édition ${number}`,
};

const spanish: CardPhrases = {
  card: (organization) => `Tarjeta de fidelidad de ${organization}`,
  nextReward: 'Próxima recompensa',
  toGo: (missing) => `${missing} más`,
  readyReward: 'Lista para ti',
  member: 'Miembro',
  yourCard: 'Tu tarjeta',
  terms: 'Condiciones',
  openCard: 'Tarjeta, actividad y ajustes',
  noLongerValid: 'Esta tarjeta ya no es válida.',
  frozen: 'Esta tarjeta está bloqueada. Tu saldo se conserva.',
  rewardReady: (name) => `Lista para ti: ${name}`,
  expiresSoon: 'Caduca pronto',
  goodThrough: (amount, day) => `${amount}, válido hasta el ${day}`,
  tier: 'Nivel',
  nextTier: 'Siguiente nivel',
  orders: (count, isOne) => `${count} ${isOne ? 'pedido' : 'pedidos'}`,
  activity: 'Actividad',
  preferences: 'Preferencias',
  news: 'Novedades',
  edition: (number) => `Tarjeta, edición ${number}`,
};

const dutch: CardPhrases = {
  card: (organization) => `${organization} spaarkaart`,
  nextReward: 'Volgende beloning',
  toGo: (missing) => `nog ${missing}`,
  readyReward: 'Klaar voor jou',
  member: 'Lid',
  yourCard: 'Jouw kaart',
  terms: 'Voorwaarden',
  openCard: 'Kaart, activiteit en instellingen',
  noLongerValid: 'Deze kaart is niet meer geldig.',
  frozen: 'Deze kaart is geblokkeerd. Je saldo blijft bewaard.',
  rewardReady: (name) => `Klaar voor jou: ${name}`,
  expiresSoon: 'Verloopt binnenkort',
  goodThrough: (amount, day) => `${amount}, geldig tot en met ${day}`,
  tier: 'Niveau',
  nextTier: 'Volgend niveau',
  orders: (count, isOne) => `${count} ${isOne ? 'bestelling' : 'bestellingen'}`,
  activity: 'Activiteit',
  preferences: 'Voorkeuren',
  news: 'Nieuws',
  edition: (number) => `Kaart, uitgave ${number}`,
};

const byLanguage = new Map<string, CardPhrases>([
  ['en', english],
  ['de', german],
  ['fr', french],
  ['es', spanish],
  ['nl', dutch],
]);

/** The card's own words for a BCP 47 locale such as `de-CH`; English when the language is not one of ours. */
export function phrasesFor(locale: string): CardPhrases {
  const language = locale.toLowerCase().split(/[-_]/)[0] ?? '';
  return byLanguage.get(language) ?? english;
}

type Formats = { whole: Intl.NumberFormat; change: Intl.NumberFormat; day: Intl.DateTimeFormat };

/** Making a format costs more than the rest of a card; members speak few languages. */
const formatsByLocale = new Map<string, Formats>();
const formatsMax = 200;

function formatsFor(locale: string): Formats {
  const known = formatsByLocale.get(locale);
  if (known !== undefined) return known;
  const spoken = knownLocale(locale);
  const made: Formats = {
    whole: new Intl.NumberFormat(spoken),
    change: new Intl.NumberFormat(spoken, { signDisplay: 'exceptZero' }),
    day: new Intl.DateTimeFormat(spoken, { dateStyle: 'long', timeZone: 'UTC' }),
  };
  if (formatsByLocale.size < formatsMax) formatsByLocale.set(locale, made);
  return made;
}

/** A whole number as people of that locale write it; a malformed locale falls back to English digits and commas. */
export function formatWhole(value: number, locale: string): string {
  return formatsFor(locale).whole.format(value);
}

/** A whole number with its sign, as something that was added or taken. */
export function formatChange(value: number, locale: string): string {
  return formatsFor(locale).change.format(value);
}

/** A day of the calendar (YYYY-MM-DD) as people of that locale write it; a malformed locale falls back to English. */
export function formatDay(day: string, locale: string): string {
  return formatsFor(locale).day.format(new Date(day));
}

/** The locale itself when it can be written in, English when it is malformed or unknown. */
export function knownLocale(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale.replace('_', '-'))[0] ?? 'en';
  } catch {
    return 'en';
  }
}
