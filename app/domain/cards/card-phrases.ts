/**
 * The few words a card itself says, beside the merchant's own text. A card is built on the server, long before a
 * phone shows it, so its language is chosen here from the member's locale; an unknown language reads English.
 */

export type CardPhrases = {
  card: (organization: string) => string;
  nextReward: string;
  readyReward: string;
  member: string;
  yourCard: string;
  terms: string;
  openCard: string;
  noLongerValid: string;
  rewardReady: (name: string) => string;
  expiresSoon: string;
  /** What is left of which unit, and the last day on which it is good. */
  goodThrough: (amount: string, day: string) => string;
};

const english: CardPhrases = {
  card: (organization) => `${organization} loyalty card`,
  nextReward: 'Next reward',
  readyReward: 'Ready to enjoy',
  member: 'Member',
  yourCard: 'Your card',
  terms: 'Terms',
  openCard: 'Card, activity and settings',
  noLongerValid: 'This card is no longer valid.',
  rewardReady: (name) => `Ready for you: ${name}`,
  expiresSoon: 'Expires soon',
  goodThrough: (amount, day) => `${amount}, good through ${day}`,
};

const german: CardPhrases = {
  card: (organization) => `${organization} Treuekarte`,
  nextReward: 'Nächste Prämie',
  readyReward: 'Bereit für dich',
  member: 'Mitglied',
  yourCard: 'Deine Karte',
  terms: 'Bedingungen',
  openCard: 'Karte, Verlauf und Einstellungen',
  noLongerValid: 'Diese Karte ist nicht mehr gültig.',
  rewardReady: (name) => `Bereit für dich: ${name}`,
  expiresSoon: 'Läuft bald ab',
  goodThrough: (amount, day) => `${amount}, gültig bis ${day}`,
};

const french: CardPhrases = {
  card: (organization) => `Carte de fidélité ${organization}`,
  nextReward: 'Prochaine récompense',
  readyReward: 'À savourer',
  member: 'Membre',
  yourCard: 'Votre carte',
  terms: 'Conditions',
  openCard: 'Carte, activité et réglages',
  noLongerValid: 'Cette carte n’est plus valable.',
  rewardReady: (name) => `Prêt pour vous : ${name}`,
  expiresSoon: 'Expire bientôt',
  goodThrough: (amount, day) => `${amount}, valable jusqu’au ${day}`,
};

const spanish: CardPhrases = {
  card: (organization) => `Tarjeta de fidelidad de ${organization}`,
  nextReward: 'Próxima recompensa',
  readyReward: 'Lista para ti',
  member: 'Miembro',
  yourCard: 'Tu tarjeta',
  terms: 'Condiciones',
  openCard: 'Tarjeta, actividad y ajustes',
  noLongerValid: 'Esta tarjeta ya no es válida.',
  rewardReady: (name) => `Lista para ti: ${name}`,
  expiresSoon: 'Caduca pronto',
  goodThrough: (amount, day) => `${amount}, válido hasta el ${day}`,
};

const dutch: CardPhrases = {
  card: (organization) => `${organization} spaarkaart`,
  nextReward: 'Volgende beloning',
  readyReward: 'Klaar voor jou',
  member: 'Lid',
  yourCard: 'Jouw kaart',
  terms: 'Voorwaarden',
  openCard: 'Kaart, activiteit en instellingen',
  noLongerValid: 'Deze kaart is niet meer geldig.',
  rewardReady: (name) => `Klaar voor jou: ${name}`,
  expiresSoon: 'Verloopt binnenkort',
  goodThrough: (amount, day) => `${amount}, geldig tot en met ${day}`,
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

/** A whole number as people of that locale write it; a malformed locale falls back to English digits and commas. */
export function formatWhole(value: number, locale: string): string {
  const [known] = supportedLocales(locale);
  return new Intl.NumberFormat(known ?? 'en').format(value);
}

/** A day of the calendar (YYYY-MM-DD) as people of that locale write it; a malformed locale falls back to English. */
export function formatDay(day: string, locale: string): string {
  const [known] = supportedLocales(locale);
  return new Intl.DateTimeFormat(known ?? 'en', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(day));
}

function supportedLocales(locale: string): string[] {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale.replace('_', '-'));
  } catch {
    return [];
  }
}
