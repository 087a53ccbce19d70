/** What the join page says about birthdays. */
import type { Language } from '#app/domain/members/languages.ts';

type BirthdayPhrases = {
  birthday: string;
  why: string;
  day: string;
  month: string;
  none: string;
  half: string;
  noDay: string;
};

export const birthdayPhrases: Record<Language, BirthdayPhrases> = {
  en: {
    birthday: 'Birthday',
    why: 'So that there is something for you on that day. Only day and month, never the year.',
    day: 'Day',
    month: 'Month',
    none: 'None',
    half: 'Please choose both the day and the month of your birthday, or neither.',
    noDay: 'This month does not have that day. Please check your birthday.',
  },
  de: {
    birthday: 'Geburtstag',
    why: 'Damit an dem Tag etwas für dich da ist. Nur Tag und Monat, nie das Jahr.',
    day: 'Tag',
    month: 'Monat',
    none: 'Ohne',
    half: 'Bitte wähle Tag und Monat deines Geburtstags, oder keins von beiden.',
    noDay: 'Diesen Tag hat der Monat nicht. Bitte prüfe deinen Geburtstag.',
  },
  fr: {
    birthday: 'Anniversaire',
    why: 'Pour vous offrir quelque chose ce jour-là. Seulement le jour et le mois, jamais l’année.',
    day: 'Jour',
    month: 'Mois',
    none: 'Aucun',
    half: 'Choisissez le jour et le mois de votre anniversaire, ou aucun des deux.',
    noDay: 'Ce mois n’a pas ce jour. Vérifiez votre anniversaire.',
  },
  es: {
    birthday: 'Cumpleaños',
    why: 'Para darte algo ese día. Solo el día y el mes, nunca el año.',
    day: 'Día',
    month: 'Mes',
    none: 'Ninguno',
    half: 'Elige el día y el mes de tu cumpleaños, o ninguno de los dos.',
    noDay: 'Ese mes no tiene ese día. Revisa tu cumpleaños.',
  },
  nl: {
    birthday: 'Verjaardag',
    why: 'Zodat er die dag iets voor je is. Alleen dag en maand, nooit het jaar.',
    day: 'Dag',
    month: 'Maand',
    none: 'Geen',
    half: 'Kies de dag én de maand van je verjaardag, of geen van beide.',
    noDay: 'Die dag heeft deze maand niet. Controleer je verjaardag.',
  },
};
