/**
 * What shoppers are asked to agree to. Each wording has a version that is stored with the answer as its proof: whoever
 * changes a word gives it a new version.
 */
import type { Language } from '#app/domain/members/languages.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';

export type ConsentWording = { program: string; marketing: string; analytics: string; version: string };

const texts: Record<Language, (organization: string) => Omit<ConsentWording, 'version'>> = {
  en: (organization) => ({
    program: `${organization} may tell me about my card: new stamps and points, rewards, and what is about to expire.`,
    marketing: `${organization} may send me offers and news.`,
    analytics: `${organization} may look at what I buy and collect to find out what members like, and choose offers for me by it.`,
  }),
  de: (organization) => ({
    program: `${organization} darf mir zu meiner Karte schreiben: neue Stempel und Punkte, Prämien und was bald verfällt.`,
    marketing: `${organization} darf mir Angebote und Neuigkeiten schicken.`,
    analytics: `${organization} darf auswerten, was ich kaufe und sammle, um herauszufinden, was Mitglieder mögen, und danach Angebote für mich auswählen.`,
  }),
  fr: (organization) => ({
    program: `${organization} peut m’écrire au sujet de ma carte : nouveaux tampons et points, récompenses, et ce qui va expirer.`,
    marketing: `${organization} peut m’envoyer des offres et des nouvelles.`,
    analytics: `${organization} peut analyser mes achats et ce que je collecte pour savoir ce qui plaît aux membres et choisir des offres pour moi.`,
  }),
  es: (organization) => ({
    program: `${organization} puede escribirme sobre mi tarjeta: sellos y puntos nuevos, recompensas y lo que va a caducar.`,
    marketing: `${organization} puede enviarme ofertas y novedades.`,
    analytics: `${organization} puede analizar lo que compro y acumulo para saber qué gusta a los socios y elegir ofertas para mí.`,
  }),
  nl: (organization) => ({
    program: `${organization} mag mij berichten sturen over mijn kaart: nieuwe stempels en punten, beloningen en wat bijna verloopt.`,
    marketing: `${organization} mag mij aanbiedingen en nieuws sturen.`,
    analytics: `${organization} mag bekijken wat ik koop en spaar om te weten wat leden fijn vinden, en daarop aanbiedingen voor mij kiezen.`,
  }),
};

const edition = '2026-11-22';
const versionDigits = 8;

/** The wording in a language, and the version that names exactly this text: another name in it is another version. */
export function consentWordingFor(language: Language, organization: string): ConsentWording {
  const wording = texts[language](organization);
  const digest = fingerprint(wording).toString('hex').slice(0, versionDigits);
  return { ...wording, version: `${edition}.${language}.${digest}` };
}
