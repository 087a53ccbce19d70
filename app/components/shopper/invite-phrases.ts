/** What friends read who invite and are invited. */
import type { Language } from '#app/domain/members/languages.ts';

type InvitePhrases = {
  /** To the friend. */
  invited: (reward: string | null) => string;
  invitedWhen: (terms: { minimum: string | null; days: number }) => string;
  inviteUnknown: string;
  /** To the member. */
  title: string;
  text: string;
  link: string;
  friendGets: (reward: string) => string;
  youGet: (reward: string) => string;
  when: (terms: { minimum: string | null; days: number }) => string;
};

const english: InvitePhrases = {
  invited: (reward) => (reward === null ? 'A friend invited you.' : `A friend invited you: you get ${reward}.`),
  invitedWhen: (terms) => `It comes ${afterEnglish(terms.days)} your first purchase${ofEnglish(terms.minimum)}.`,
  inviteUnknown: 'This invitation does not count here, but you are just as welcome.',
  title: 'Invite a friend',
  text: 'Send this link to someone who does not have a card yet.',
  link: 'Your link for friends',
  friendGets: (reward) => `Your friend gets ${reward}.`,
  youGet: (reward) => `You get ${reward}.`,
  when: (terms) => `It comes ${afterEnglish(terms.days)} your friend’s first purchase${ofEnglish(terms.minimum)}.`,
};
const afterEnglish = (days: number) => (days === 0 ? 'after' : `${days === 1 ? 'one day' : `${days} days`} after`);
const ofEnglish = (minimum: string | null) => (minimum === null ? '' : ` of ${minimum} or more`);

const german: InvitePhrases = {
  invited: (reward) =>
    reward === null
      ? 'Eine Freundin oder ein Freund hat dich eingeladen.'
      : `Eine Freundin oder ein Freund hat dich eingeladen: Du bekommst ${reward}.`,
  invitedWhen: (terms) => `Das kommt ${afterGerman(terms.days)} deinem ersten Einkauf${ofGerman(terms.minimum)}.`,
  inviteUnknown: 'Diese Einladung zählt hier nicht, aber du bist genauso willkommen.',
  title: 'Jemanden einladen',
  text: 'Schick diesen Link an jemanden, der noch keine Karte hat.',
  link: 'Dein Link zum Weitergeben',
  friendGets: (reward) => `Wer deiner Einladung folgt, bekommt ${reward}.`,
  youGet: (reward) => `Du bekommst ${reward}.`,
  when: (terms) =>
    `Das kommt ${afterGerman(terms.days)} dem ersten Einkauf der Eingeladenen${ofGerman(terms.minimum)}.`,
};
const afterGerman = (days: number) => (days === 0 ? 'nach' : `${days === 1 ? 'einen Tag' : `${days} Tage`} nach`);
const ofGerman = (minimum: string | null) => (minimum === null ? '' : ` ab ${minimum}`);

const french: InvitePhrases = {
  invited: (reward) =>
    reward === null ? 'Une personne vous a invité·e.' : `Une personne vous a invité·e : vous recevez ${reward}.`,
  invitedWhen: (terms) => `Cela arrive ${afterFrench(terms.days)} votre premier achat${ofFrench(terms.minimum)}.`,
  inviteUnknown: 'Cette invitation n’est pas valable ici, mais vous êtes tout aussi bienvenu·e.',
  title: 'Inviter quelqu’un',
  text: 'Envoyez ce lien à une personne qui n’a pas encore de carte.',
  link: 'Votre lien d’invitation',
  friendGets: (reward) => `La personne invitée reçoit ${reward}.`,
  youGet: (reward) => `Vous recevez ${reward}.`,
  when: (terms) =>
    `Cela arrive ${afterFrench(terms.days)} le premier achat de la personne invitée${ofFrench(terms.minimum)}.`,
};
const afterFrench = (days: number) => (days === 0 ? 'après' : `${days === 1 ? 'un jour' : `${days} jours`} après`);
const ofFrench = (minimum: string | null) => (minimum === null ? '' : ` d’au moins ${minimum}`);

const spanish: InvitePhrases = {
  invited: (reward) =>
    reward === null ? 'Te ha invitado una amistad.' : `Te ha invitado una amistad: recibes ${reward}.`,
  invitedWhen: (terms) => `Llega ${afterSpanish(terms.days)} de tu primera compra${ofSpanish(terms.minimum)}.`,
  inviteUnknown: 'Esta invitación no cuenta aquí, pero te damos la misma bienvenida.',
  title: 'Invita a una amistad',
  text: 'Envía este enlace a alguien que todavía no tenga tarjeta.',
  link: 'Tu enlace para invitar',
  friendGets: (reward) => `Quien acepta tu invitación recibe ${reward}.`,
  youGet: (reward) => `Tú recibes ${reward}.`,
  when: (terms) => `Llega ${afterSpanish(terms.days)} de su primera compra${ofSpanish(terms.minimum)}.`,
};
const afterSpanish = (days: number) => (days === 0 ? 'después' : `${days === 1 ? 'un día' : `${days} días`} después`);
const ofSpanish = (minimum: string | null) => (minimum === null ? '' : ` de ${minimum} o más`);

const dutch: InvitePhrases = {
  invited: (reward) =>
    reward === null ? 'Iemand heeft je uitgenodigd.' : `Iemand heeft je uitgenodigd: je krijgt ${reward}.`,
  invitedWhen: (terms) => `Dat komt ${afterDutch(terms.days)} je eerste aankoop${ofDutch(terms.minimum)}.`,
  inviteUnknown: 'Deze uitnodiging telt hier niet, maar je bent net zo welkom.',
  title: 'Nodig iemand uit',
  text: 'Stuur deze link naar iemand die nog geen kaart heeft.',
  link: 'Jouw link om te delen',
  friendGets: (reward) => `Wie je uitnodigt, krijgt ${reward}.`,
  youGet: (reward) => `Jij krijgt ${reward}.`,
  when: (terms) =>
    `Dat komt ${afterDutch(terms.days)} de eerste aankoop van wie je uitnodigt${ofDutch(terms.minimum)}.`,
};
const afterDutch = (days: number) => (days === 0 ? 'na' : `${days === 1 ? 'één dag' : `${days} dagen`} na`);
const ofDutch = (minimum: string | null) => (minimum === null ? '' : ` van ${minimum} of meer`);

export const invitePhrases: Record<Language, InvitePhrases> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  nl: dutch,
};
