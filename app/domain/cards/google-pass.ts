/** Draws a card's content as Google Wallet bodies: a LoyaltyClass per design and a LoyaltyObject per member. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { phrasesFor } from '#app/domain/cards/card-phrases.ts';
import { cleanText, isolated } from '#app/domain/cards/card-text.ts';
import { designTexts } from '#app/domain/cards/card-texts.ts';
import {
  countedName,
  expiringText,
  nextRewardText,
  type PassContent,
  stampText,
} from '#app/domain/cards/pass-content.ts';
import { type Language, languageOfTag, languages } from '#app/domain/members/languages.ts';

type GoogleTranslation = { language: string; value: string };
type GoogleText = { defaultValue: GoogleTranslation; translatedValues?: GoogleTranslation[] };
type GoogleModule = {
  id: string;
  header: string;
  body: string;
  localizedHeader?: GoogleText;
  localizedBody?: GoogleText;
};
type GoogleLink = { id: string; uri: string; description: string; localizedDescription?: GoogleText };
type GoogleImage = { sourceUri: { uri: string }; contentDescription: GoogleText };

export type GoogleClassInput = {
  /** `issuerId.suffix` */
  classId: string;
  design: CardDesign;
  programName: string;
  /** BCP 47. */
  locale: string;
  /** Public https addresses; Google fetches and caches them. */
  logoUrl: string;
  /** Where save and delete events are sent; null asks for none. */
  callbackUrl: string | null;
};

export type GoogleLoyaltyClass = {
  id: string;
  issuerName: string;
  programName: string;
  programLogo: GoogleImage;
  reviewStatus: 'UNDER_REVIEW';
  hexBackgroundColor: string;
  multipleDevicesAndHoldersAllowedStatus: 'ONE_USER_ALL_DEVICES';
  localizedIssuerName: GoogleText;
  localizedProgramName: GoogleText;
  accountNameLabel: string;
  localizedAccountNameLabel: GoogleText;
  /** Always present, because a PATCH keeps what it is not told. */
  textModulesData: GoogleModule[];
  linksModuleData: { uris: GoogleLink[] };
  merchantLocations: { latitude: number; longitude: number }[];
  callbackOptions?: { url: string };
};

export type GoogleObjectInput = {
  /** `issuerId.suffix`, opaque: it never holds anything personal. */
  objectId: string;
  classId: string;
  /** The picture of the collected stamps; null for a card without stamps. */
  heroUrl: string | null;
};

type GoogleBalance = { label: string; balance: { int: number } | { string: string } };

export type GoogleLoyaltyObject = {
  id: string;
  classId: string;
  state: 'ACTIVE' | 'INACTIVE';
  accountId: string;
  accountName: string;
  loyaltyPoints?: GoogleBalance;
  secondaryLoyaltyPoints?: GoogleBalance;
  barcode?: { type: 'QR_CODE'; value: string };
  heroImage?: GoogleImage;
  textModulesData: GoogleModule[];
  linksModuleData?: { uris: GoogleLink[] };
};

/**
 * The class of a design. Changing it redraws every member's card with one call. What a merchant wrote is there in every
 * language, and Google shows a phone its own; an object is in the language of its member.
 */
export function toGoogleClass(input: GoogleClassInput): GoogleLoyaltyClass {
  const { design, locale } = input;
  const issuerName = cleanText(design.organizationName);
  const programName = cleanText(input.programName);
  const texts = designTexts(design, locale);
  const memberLabel = localized((language) => phrasesFor(language).member, locale);
  return {
    id: input.classId,
    issuerName,
    localizedIssuerName: localized(() => issuerName, locale),
    programName,
    localizedProgramName: localized(() => programName, locale),
    programLogo: imageOf(input.logoUrl, issuerName, locale),
    reviewStatus: 'UNDER_REVIEW',
    hexBackgroundColor: design.backgroundColor,
    multipleDevicesAndHoldersAllowedStatus: 'ONE_USER_ALL_DEVICES',
    accountNameLabel: memberLabel.defaultValue.value,
    localizedAccountNameLabel: memberLabel,
    textModulesData: classModules(input),
    linksModuleData: {
      uris: texts.links.map(({ id, label, url }, index) => ({
        id: `link-${id}`,
        uri: url,
        description: label,
        localizedDescription: localized(
          (language) => designTexts(design, language).links[index]?.label ?? label,
          locale,
        ),
      })),
    },
    merchantLocations: design.places.map(({ latitude, longitude }) => ({ latitude, longitude })),
    ...(input.callbackUrl === null ? {} : { callbackOptions: { url: input.callbackUrl } }),
  };
}

function classModules({ design, locale }: GoogleClassInput): GoogleModule[] {
  const modulesIn = (language: string) => {
    const { fields, terms } = designTexts(design, language);
    const shown = fields.map(({ id, label, value }) => ({ id: `field-${id}`, header: label, body: value }));
    return terms === '' ? shown : [...shown, { id: 'terms', header: phrasesFor(language).terms, body: terms }];
  };
  const byLanguage = new Map(languages.map((language) => [language, modulesIn(language)]));
  return modulesIn(locale).map((shown) => {
    const inLanguage = (language: Language) => byLanguage.get(language)?.find(({ id }) => id === shown.id) ?? shown;
    return {
      ...shown,
      localizedHeader: localized((language) => inLanguage(language).header, locale),
      localizedBody: localized((language) => inLanguage(language).body, locale),
    };
  });
}

/** A text in all our languages; the locale's own is the one that other phones are shown. Google wants no language twice. */
function localized(textIn: (language: Language) => string, locale: string): GoogleText {
  const own = languageOfTag(locale) ?? 'en';
  const text = textIn(own);
  const translatedValues = languages
    .map((language) => ({ language, value: textIn(language) }))
    .filter(({ value }) => value !== text);
  return {
    defaultValue: { language: own, value: text },
    ...(translatedValues.length === 0 ? {} : { translatedValues }),
  };
}

/**
 * The object of one card. Every field that can change is always present, because a PATCH keeps what it is not told.
 * Arrays are replaced whole.
 */
export function toGoogleObject(content: PassContent, input: GoogleObjectInput): GoogleLoyaltyObject {
  const [first, second] = balancesOf(content);
  return {
    id: input.objectId,
    classId: input.classId,
    state: content.isVoid || content.isFrozen ? 'INACTIVE' : 'ACTIVE',
    accountId: input.objectId,
    accountName: content.memberName ?? '',
    ...(first ? { loyaltyPoints: first } : {}),
    ...(second ? { secondaryLoyaltyPoints: second } : {}),
    barcode: { type: 'QR_CODE', value: content.barcodeValue },
    ...(input.heroUrl === null ? {} : { heroImage: imageOf(input.heroUrl, heroText(content), content.locale) }),
    textModulesData: modulesOf(content),
    linksModuleData: { uris: linksOf(content) },
  };
}

/** The object of a redacted card: inactive, and every personal or scannable field blank. Meant for a full replacement. */
export function toBlankGoogleObject(input: Pick<GoogleObjectInput, 'objectId' | 'classId'>): GoogleLoyaltyObject {
  return {
    id: input.objectId,
    classId: input.classId,
    state: 'INACTIVE',
    accountId: '',
    accountName: '',
    textModulesData: [],
  };
}

function balancesOf(content: PassContent): GoogleBalance[] {
  const points = content.points.map((balance) => ({ label: balance.label, balance: { int: balance.available } }));
  if (!content.stamps) return points;
  return [{ label: content.stamps.label, balance: { string: stampText(content.stamps) } }, ...points];
}

function modulesOf(content: PassContent): GoogleModule[] {
  const phrases = phrasesFor(content.locale);
  const { nextReward, expiringNext, tier, news } = content;
  const module = (id: string, header: string, body: string): GoogleModule[] =>
    body === '' ? [] : [{ id, header, body }];
  return [
    ...module('news', phrases.news, news?.text ?? ''),
    ...module('ready', phrases.readyReward, content.readyRewards.map(countedName).join('\n')),
    ...module('next', phrases.nextReward, nextReward === null ? '' : nextRewardText(nextReward, content.locale)),
    ...module('tier', phrases.tier, tier?.name ?? ''),
    ...module(
      'next-tier',
      phrases.nextTier,
      tier?.next == null ? '' : `${isolated(tier.next.name)} (${tier.next.distance})`,
    ),
    ...module('expiring', phrases.expiresSoon, expiringNext === null ? '' : expiringText(expiringNext, content.locale)),
    ...module('activity', phrases.activity, content.activity.join('\n')),
  ];
}

function linksOf(content: PassContent): GoogleLink[] {
  if (content.isVoid) return [];
  const phrases = phrasesFor(content.locale);
  const { preferencesUrl } = content;
  return [
    { id: 'card', uri: content.cardUrl, description: phrases.openCard },
    ...(preferencesUrl === null ? [] : [{ id: 'preferences', uri: preferencesUrl, description: phrases.preferences }]),
  ];
}

/** What the picture of the collected stamps shows, for who cannot see it. */
function heroText({ stamps, programName }: PassContent): string {
  return stamps === null ? programName : `${stamps.label}: ${stampText(stamps)}`;
}

function imageOf(uri: string, description: string, locale: string): GoogleImage {
  return {
    sourceUri: { uri },
    contentDescription: { defaultValue: { language: locale, value: description } },
  };
}
