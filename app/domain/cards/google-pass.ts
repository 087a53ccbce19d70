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
import { plainTitle } from '#app/domain/programs/unit-words.ts';

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

type GoogleBalance = { label: string; localizedLabel?: GoogleText; balance: { int: number } | { string: string } };

export type GoogleLoyaltyObject = {
  id: string;
  classId: string;
  state: 'ACTIVE' | 'INACTIVE';
  accountId: string;
  accountName: string;
  loyaltyPoints?: GoogleBalance;
  secondaryLoyaltyPoints?: GoogleBalance;
  barcode?: { type: 'QR_CODE'; value: string; alternateText?: string };
  heroImage?: GoogleImage;
  textModulesData: GoogleModule[];
  linksModuleData?: { uris: GoogleLink[] };
};

/**
 * The class of a design. Changing it redraws every member's card with one call. What a merchant wrote is there in every
 * language, and Google shows a phone its own; an object is in the language of its member, and only its labels in all.
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
    barcode: { type: 'QR_CODE', value: content.barcodeValue, ...markUnderCode(content) },
    ...(input.heroUrl === null ? {} : { heroImage: imageOf(input.heroUrl, heroText(content), content.locale) }),
    textModulesData: modulesOf(content),
    linksModuleData: { uris: linksOf(content) },
  };
}

/** A system that is not the real one says so where everybody looks who is to accept the card. */
function markUnderCode({ systemMark }: PassContent): { alternateText?: string } {
  return systemMark === undefined ? {} : { alternateText: systemMark };
}

/** The same object in fewer bytes: its labels in the language of its member alone. */
export function inOneLanguage(object: GoogleLoyaltyObject): GoogleLoyaltyObject {
  const { loyaltyPoints, secondaryLoyaltyPoints, textModulesData, ...rest } = object;
  const plain = ({ localizedLabel: _label, ...balance }: GoogleBalance): GoogleBalance => balance;
  return {
    ...rest,
    ...(loyaltyPoints ? { loyaltyPoints: plain(loyaltyPoints) } : {}),
    ...(secondaryLoyaltyPoints ? { secondaryLoyaltyPoints: plain(secondaryLoyaltyPoints) } : {}),
    textModulesData: textModulesData.map(({ localizedHeader: _header, ...module }) => module),
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

function balancesOf({ stamps, points, locale }: PassContent): GoogleBalance[] {
  const named = (kind: 'stamp' | 'point', label: string) => ({ label, ...labelIn(kind, { label, locale }) });
  const counted = points.map(({ label, available }) => ({ ...named('point', label), balance: { int: available } }));
  if (!stamps) return counted;
  return [{ ...named('stamp', stamps.label), balance: { string: stampText(stamps) } }, ...counted];
}

/** In all our languages, unless the merchant has a word of their own for the unit. */
function labelIn(kind: 'stamp' | 'point', shown: { label: string; locale: string }): { localizedLabel?: GoogleText } {
  const plain = localized((language) => plainTitle(language, kind), shown.locale);
  return plain.defaultValue.value === shown.label ? { localizedLabel: plain } : {};
}

/** The words of the card's own that stand over a text of an object, the same on all cards. */
type Heading = 'news' | 'readyReward' | 'nextReward' | 'tier' | 'nextTier' | 'expiresSoon' | 'activity';

function modulesOf(content: PassContent): GoogleModule[] {
  const { nextReward, expiringNext, tier, news, locale } = content;
  const module = (id: string, heading: Heading, body: string): GoogleModule[] => {
    const localizedHeader = localized((language) => phrasesFor(language)[heading], locale);
    return body === '' ? [] : [{ id, header: localizedHeader.defaultValue.value, localizedHeader, body }];
  };
  return [
    ...module('news', 'news', news?.text ?? ''),
    ...module('ready', 'readyReward', content.readyRewards.map(countedName).join('\n')),
    ...module('next', 'nextReward', nextReward === null ? '' : nextRewardText(nextReward, locale)),
    ...module('tier', 'tier', tier?.name ?? ''),
    ...module('next-tier', 'nextTier', tier?.next == null ? '' : `${isolated(tier.next.name)} (${tier.next.distance})`),
    ...module('expiring', 'expiresSoon', expiringNext === null ? '' : expiringText(expiringNext, locale)),
    ...module('activity', 'activity', content.activity.join('\n')),
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
