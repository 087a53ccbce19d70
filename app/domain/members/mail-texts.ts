/** What our mails to shoppers say, in their language. Plain text: it reads everywhere and hides nothing. */
import type { Language } from '#app/domain/members/languages.ts';

export type MailFacts = {
  organization: string;
  /** Where the link in the mail leads; empty where there is none. */
  url: string;
  /** The six digits; empty where there are none. */
  code: string;
  /** The exact words the shopper ticked, where the link also confirms a consent. */
  agreed: string | null;
};

export type MailText = { subject: string; text: string };
type Writer = (facts: MailFacts) => MailText;
export type MailTopic =
  'email-proof' | 'known-address' | 'address-changed' | 'new-card' | 'contact-code' | 'download-code' | 'erasure-code';

const spaced = (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`;
const lines = (...parts: (string | null)[]) => parts.filter((part) => part !== null).join('\n\n');

const english: Record<MailTopic, Writer> = {
  'email-proof': ({ organization, url, agreed }) => ({
    subject: `Please confirm your e-mail address for ${organization}`,
    text: lines(
      `Somebody, most likely you, gave this address for a card of ${organization}.`,
      agreed === null ? null : `With the confirmation you also agree to this:\n“${agreed}”`,
      `Open this page to confirm it, or to say that it was not you:\n${url}`,
      'If you do nothing, nothing happens: the address is not used.',
    ),
  }),
  'known-address': ({ organization, url }) => ({
    subject: `You already have a card of ${organization}`,
    text: lines(
      `Somebody just joined ${organization} with your e-mail address. You already have a card, and it is unchanged. Here it is:\n${url}`,
      'If it was not you, there is nothing to do: nobody saw your card.',
    ),
  }),
  'address-changed': ({ organization, url }) => ({
    subject: `Your e-mail address at ${organization} was changed`,
    text: lines(
      `The e-mail address of your ${organization} card was changed. For a day, nothing of high value can be redeemed.`,
      `If it was not you, freeze the card here at once, or ask the shop:\n${url}`,
    ),
  }),
  'new-card': ({ organization, url }) => ({
    subject: `Your new card of ${organization}`,
    text: `Your card of ${organization} was replaced. The old one opens nothing any more, and everything you collected is on the new one:\n${url}\n\nThe link is only for you: whoever opens it has the card. If you did not ask for a new card, tell the shop.`,
  }),
  'contact-code': ({ organization, code }) => ({
    subject: `${spaced(code)} is your code for ${organization}`,
    text: lines(
      `Your code to change your e-mail address: ${spaced(code)}`,
      'It is good for 10 minutes. If you did not ask for it, somebody has the link of your card: ask the shop for a new card.',
    ),
  }),
  'download-code': ({ organization, code }) => ({
    subject: `${spaced(code)} is your code for ${organization}`,
    text: lines(
      `Your code to download your data: ${spaced(code)}`,
      'It is good for 10 minutes. If you did not ask for it, somebody has the link of your card: ask the shop for a new card.',
    ),
  }),
  'erasure-code': ({ organization, code }) => ({
    subject: `${spaced(code)} is your code for ${organization}`,
    text: lines(
      `Your code to erase your card and everything about you: ${spaced(code)}`,
      'It is good for 10 minutes. This cannot be undone. If you did not ask for it, do not give the code to anybody.',
    ),
  }),
};

const german: Record<MailTopic, Writer> = {
  'email-proof': ({ organization, url, agreed }) => ({
    subject: `Bitte bestätige deine E-Mail-Adresse für ${organization}`,
    text: lines(
      `Jemand, vermutlich du, hat diese Adresse für eine Karte von ${organization} angegeben.`,
      agreed === null ? null : `Mit der Bestätigung stimmst du auch dem zu:\n„${agreed}“`,
      `Auf dieser Seite bestätigst du sie, oder sagst, dass du es nicht warst:\n${url}`,
      'Wenn du nichts tust, passiert nichts: Die Adresse wird nicht verwendet.',
    ),
  }),
  'known-address': ({ organization, url }) => ({
    subject: `Du hast schon eine Karte von ${organization}`,
    text: lines(
      `Gerade ist jemand mit deiner E-Mail-Adresse bei ${organization} beigetreten. Du hast schon eine Karte, und sie ist unverändert. Hier ist sie:\n${url}`,
      'Wenn du es nicht warst, ist nichts zu tun: Niemand hat deine Karte gesehen.',
    ),
  }),
  'address-changed': ({ organization, url }) => ({
    subject: `Deine E-Mail-Adresse bei ${organization} wurde geändert`,
    text: lines(
      `Die E-Mail-Adresse deiner Karte von ${organization} wurde geändert. Einen Tag lang kann nichts von hohem Wert eingelöst werden.`,
      `Wenn du es nicht warst, sperre die Karte hier sofort, oder frag im Laden:\n${url}`,
    ),
  }),
  'new-card': ({ organization, url }) => ({
    subject: `Deine neue Karte von ${organization}`,
    text: `Deine Karte von ${organization} wurde ersetzt. Die alte öffnet nichts mehr, und alles Gesammelte ist auf der neuen:\n${url}\n\nDer Link ist nur für dich: Wer ihn öffnet, hat die Karte. Wenn du keine neue Karte wolltest, sag es dem Laden.`,
  }),
  'contact-code': ({ organization, code }) => ({
    subject: `${spaced(code)} ist dein Code für ${organization}`,
    text: lines(
      `Dein Code, um die E-Mail-Adresse zu ändern: ${spaced(code)}`,
      'Er gilt 10 Minuten. Wenn du ihn nicht angefordert hast, kennt jemand den Link deiner Karte: Bitte den Laden um eine neue.',
    ),
  }),
  'download-code': ({ organization, code }) => ({
    subject: `${spaced(code)} ist dein Code für ${organization}`,
    text: lines(
      `Dein Code, um deine Daten herunterzuladen: ${spaced(code)}`,
      'Er gilt 10 Minuten. Wenn du ihn nicht angefordert hast, kennt jemand den Link deiner Karte: Bitte den Laden um eine neue.',
    ),
  }),
  'erasure-code': ({ organization, code }) => ({
    subject: `${spaced(code)} ist dein Code für ${organization}`,
    text: lines(
      `Dein Code, um deine Karte und alles über dich zu löschen: ${spaced(code)}`,
      'Er gilt 10 Minuten. Das lässt sich nicht rückgängig machen. Wenn du ihn nicht angefordert hast, gib ihn niemandem.',
    ),
  }),
};

const french: Record<MailTopic, Writer> = {
  'email-proof': ({ organization, url, agreed }) => ({
    subject: `Confirmez votre adresse e-mail pour ${organization}`,
    text: lines(
      `Quelqu’un, sans doute vous, a donné cette adresse pour une carte de ${organization}.`,
      agreed === null ? null : `En confirmant, vous acceptez aussi ceci :\n« ${agreed} »`,
      `Ouvrez cette page pour la confirmer, ou pour dire que ce n’était pas vous :\n${url}`,
      'Si vous ne faites rien, il ne se passe rien : l’adresse n’est pas utilisée.',
    ),
  }),
  'known-address': ({ organization, url }) => ({
    subject: `Vous avez déjà une carte de ${organization}`,
    text: lines(
      `Quelqu’un vient de s’inscrire chez ${organization} avec votre adresse. Vous avez déjà une carte, inchangée. La voici :\n${url}`,
      'Si ce n’était pas vous, il n’y a rien à faire : personne n’a vu votre carte.',
    ),
  }),
  'address-changed': ({ organization, url }) => ({
    subject: `Votre adresse e-mail chez ${organization} a été changée`,
    text: lines(
      `L’adresse e-mail de votre carte ${organization} a été changée. Pendant un jour, rien de grande valeur ne peut être utilisé.`,
      `Si ce n’était pas vous, bloquez la carte ici tout de suite, ou demandez au magasin :\n${url}`,
    ),
  }),
  'new-card': ({ organization, url }) => ({
    subject: `Votre nouvelle carte ${organization}`,
    text: `Votre carte ${organization} a été remplacée. L’ancienne n’ouvre plus rien, et tout ce que vous avez collecté est sur la nouvelle :\n${url}\n\nCe lien n’est que pour vous : qui l’ouvre a la carte. Si vous n’avez pas demandé de nouvelle carte, dites-le au magasin.`,
  }),
  'contact-code': ({ organization, code }) => ({
    subject: `${spaced(code)} est votre code pour ${organization}`,
    text: lines(
      `Votre code pour changer d’adresse e-mail : ${spaced(code)}`,
      'Il est valable 10 minutes. Si vous ne l’avez pas demandé, quelqu’un a le lien de votre carte : demandez une nouvelle carte au magasin.',
    ),
  }),
  'download-code': ({ organization, code }) => ({
    subject: `${spaced(code)} est votre code pour ${organization}`,
    text: lines(
      `Votre code pour télécharger vos données : ${spaced(code)}`,
      'Il est valable 10 minutes. Si vous ne l’avez pas demandé, quelqu’un a le lien de votre carte : demandez une nouvelle carte au magasin.',
    ),
  }),
  'erasure-code': ({ organization, code }) => ({
    subject: `${spaced(code)} est votre code pour ${organization}`,
    text: lines(
      `Votre code pour effacer votre carte et tout ce qui vous concerne : ${spaced(code)}`,
      'Il est valable 10 minutes. C’est définitif. Si vous ne l’avez pas demandé, ne donnez ce code à personne.',
    ),
  }),
};

const spanish: Record<MailTopic, Writer> = {
  'email-proof': ({ organization, url, agreed }) => ({
    subject: `Confirma tu correo electrónico para ${organization}`,
    text: lines(
      `Alguien, seguramente tú, dio esta dirección para una tarjeta de ${organization}.`,
      agreed === null ? null : `Al confirmarla también aceptas esto:\n«${agreed}»`,
      `Abre esta página para confirmarla, o para decir que no fuiste tú:\n${url}`,
      'Si no haces nada, no pasa nada: la dirección no se usa.',
    ),
  }),
  'known-address': ({ organization, url }) => ({
    subject: `Ya tienes una tarjeta de ${organization}`,
    text: lines(
      `Alguien acaba de apuntarse a ${organization} con tu correo. Ya tienes una tarjeta y no ha cambiado. Aquí está:\n${url}`,
      'Si no fuiste tú, no hay nada que hacer: nadie vio tu tarjeta.',
    ),
  }),
  'address-changed': ({ organization, url }) => ({
    subject: `Tu correo electrónico en ${organization} ha cambiado`,
    text: lines(
      `El correo de tu tarjeta de ${organization} ha cambiado. Durante un día no se puede canjear nada de mucho valor.`,
      `Si no fuiste tú, bloquea la tarjeta aquí enseguida o pregunta en la tienda:\n${url}`,
    ),
  }),
  'new-card': ({ organization, url }) => ({
    subject: `Tu nueva tarjeta de ${organization}`,
    text: `Tu tarjeta de ${organization} se ha sustituido. La antigua ya no abre nada, y todo lo que reuniste está en la nueva:\n${url}\n\nEl enlace es solo para ti: quien lo abre tiene la tarjeta. Si no pediste una tarjeta nueva, díselo a la tienda.`,
  }),
  'contact-code': ({ organization, code }) => ({
    subject: `${spaced(code)} es tu código para ${organization}`,
    text: lines(
      `Tu código para cambiar el correo electrónico: ${spaced(code)}`,
      'Vale 10 minutos. Si no lo pediste, alguien tiene el enlace de tu tarjeta: pide una nueva en la tienda.',
    ),
  }),
  'download-code': ({ organization, code }) => ({
    subject: `${spaced(code)} es tu código para ${organization}`,
    text: lines(
      `Tu código para descargar tus datos: ${spaced(code)}`,
      'Vale 10 minutos. Si no lo pediste, alguien tiene el enlace de tu tarjeta: pide una nueva en la tienda.',
    ),
  }),
  'erasure-code': ({ organization, code }) => ({
    subject: `${spaced(code)} es tu código para ${organization}`,
    text: lines(
      `Tu código para borrar tu tarjeta y todo sobre ti: ${spaced(code)}`,
      'Vale 10 minutos. No se puede deshacer. Si no lo pediste, no se lo des a nadie.',
    ),
  }),
};

const dutch: Record<MailTopic, Writer> = {
  'email-proof': ({ organization, url, agreed }) => ({
    subject: `Bevestig je e-mailadres voor ${organization}`,
    text: lines(
      `Iemand, waarschijnlijk jij, gaf dit adres op voor een kaart van ${organization}.`,
      agreed === null ? null : `Met de bevestiging ga je ook hiermee akkoord:\n“${agreed}”`,
      `Open deze pagina om het te bevestigen, of om te zeggen dat jij het niet was:\n${url}`,
      'Als je niets doet, gebeurt er niets: het adres wordt niet gebruikt.',
    ),
  }),
  'known-address': ({ organization, url }) => ({
    subject: `Je hebt al een kaart van ${organization}`,
    text: lines(
      `Iemand heeft zich net met jouw e-mailadres bij ${organization} aangemeld. Je hebt al een kaart, en die is niet veranderd. Hier is hij:\n${url}`,
      'Was jij het niet, dan hoef je niets te doen: niemand heeft je kaart gezien.',
    ),
  }),
  'address-changed': ({ organization, url }) => ({
    subject: `Je e-mailadres bij ${organization} is veranderd`,
    text: lines(
      `Het e-mailadres van je kaart van ${organization} is veranderd. Een dag lang kan er niets van hoge waarde worden ingewisseld.`,
      `Was jij het niet, blokkeer de kaart dan hier meteen, of vraag het in de winkel:\n${url}`,
    ),
  }),
  'new-card': ({ organization, url }) => ({
    subject: `Je nieuwe kaart van ${organization}`,
    text: `Je kaart van ${organization} is vervangen. De oude opent niets meer, en alles wat je hebt gespaard staat op de nieuwe:\n${url}\n\nDe link is alleen voor jou: wie hem opent, heeft de kaart. Heb je niet om een nieuwe kaart gevraagd, zeg het dan tegen de winkel.`,
  }),
  'contact-code': ({ organization, code }) => ({
    subject: `${spaced(code)} is je code voor ${organization}`,
    text: lines(
      `Je code om je e-mailadres te veranderen: ${spaced(code)}`,
      'Hij geldt 10 minuten. Heb je er niet om gevraagd, dan heeft iemand de link van je kaart: vraag de winkel om een nieuwe.',
    ),
  }),
  'download-code': ({ organization, code }) => ({
    subject: `${spaced(code)} is je code voor ${organization}`,
    text: lines(
      `Je code om je gegevens te downloaden: ${spaced(code)}`,
      'Hij geldt 10 minuten. Heb je er niet om gevraagd, dan heeft iemand de link van je kaart: vraag de winkel om een nieuwe.',
    ),
  }),
  'erasure-code': ({ organization, code }) => ({
    subject: `${spaced(code)} is je code voor ${organization}`,
    text: lines(
      `Je code om je kaart en alles over jou te wissen: ${spaced(code)}`,
      'Hij geldt 10 minuten. Dit kan niet ongedaan worden gemaakt. Heb je er niet om gevraagd, geef de code dan aan niemand.',
    ),
  }),
};

const writers: Record<Language, Record<MailTopic, Writer>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  nl: dutch,
};

/** A mail in the shopper's language. */
export function writeMail(topic: MailTopic, language: Language, facts: MailFacts): MailText {
  return writers[language][topic](facts);
}
