/**
 * What shoppers are asked to agree to. Each wording has a version that is stored with the answer as its proof: whoever
 * changes a word gives it a new version.
 */
import type { Language } from '#app/domain/members/languages.ts';

export type ConsentWording = { program: string; marketing: string; version: string };

const texts: Record<Language, (organization: string) => Omit<ConsentWording, 'version'>> = {
  en: (organization) => ({
    program: `${organization} may tell me about my card: new stamps and points, rewards, and what is about to expire.`,
    marketing: `${organization} may send me offers and news.`,
  }),
  de: (organization) => ({
    program: `${organization} darf mir zu meiner Karte schreiben: neue Stempel und Punkte, Prämien und was bald verfällt.`,
    marketing: `${organization} darf mir Angebote und Neuigkeiten schicken.`,
  }),
  fr: (organization) => ({
    program: `${organization} peut m’écrire au sujet de ma carte : nouveaux tampons et points, récompenses, et ce qui va expirer.`,
    marketing: `${organization} peut m’envoyer des offres et des nouvelles.`,
  }),
  es: (organization) => ({
    program: `${organization} puede escribirme sobre mi tarjeta: sellos y puntos nuevos, recompensas y lo que va a caducar.`,
    marketing: `${organization} puede enviarme ofertas y novedades.`,
  }),
  nl: (organization) => ({
    program: `${organization} mag mij berichten sturen over mijn kaart: nieuwe stempels en punten, beloningen en wat bijna verloopt.`,
    marketing: `${organization} mag mij aanbiedingen en nieuws sturen.`,
  }),
};

const edition = '2026-11-21';

/** The wording in a language, and the version that names exactly this text. */
export function consentWordingFor(language: Language, organization: string): ConsentWording {
  return { ...texts[language](organization), version: `${edition}.${language}` };
}
