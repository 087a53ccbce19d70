/** Draws a card's content as Google Wallet bodies: a LoyaltyClass per design and a LoyaltyObject per member. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { formatWhole, phrasesFor } from '#app/domain/cards/card-phrases.ts';
import { countedName, type PassContent, stampText, expiringText } from '#app/domain/cards/pass-content.ts';

type GoogleText = { defaultValue: { language: string; value: string } };
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
  textModulesData?: { id: string; header: string; body: string }[];
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
  textModulesData: { id: string; header: string; body: string }[];
  linksModuleData?: { uris: { id: string; uri: string; description: string }[] };
};

/** The class of a design. Changing it redraws every member's card with one call. */
export function toGoogleClass(input: GoogleClassInput): GoogleLoyaltyClass {
  const { design, locale } = input;
  const phrases = phrasesFor(locale);
  return {
    id: input.classId,
    issuerName: design.organizationName,
    programName: input.programName,
    programLogo: imageOf(input.logoUrl, design.organizationName, locale),
    reviewStatus: 'UNDER_REVIEW',
    hexBackgroundColor: design.backgroundColor,
    multipleDevicesAndHoldersAllowedStatus: 'ONE_USER_ALL_DEVICES',
    ...(design.terms === '' ? {} : { textModulesData: [{ id: 'terms', header: phrases.terms, body: design.terms }] }),
    ...(input.callbackUrl === null ? {} : { callbackOptions: { url: input.callbackUrl } }),
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
    state: content.isVoid ? 'INACTIVE' : 'ACTIVE',
    accountId: input.objectId,
    accountName: content.memberName ?? '',
    ...(first ? { loyaltyPoints: first } : {}),
    ...(second ? { secondaryLoyaltyPoints: second } : {}),
    barcode: { type: 'QR_CODE', value: content.barcodeValue },
    ...(input.heroUrl === null ? {} : { heroImage: imageOf(input.heroUrl, content.announcement, content.locale) }),
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

function modulesOf(content: PassContent): GoogleLoyaltyObject['textModulesData'] {
  const phrases = phrasesFor(content.locale);
  const ready = content.readyRewards.map((reward) => countedName(reward)).join('\n');
  const next = content.nextReward;
  const expiring = content.expiringNext;
  return [
    ...(ready === '' ? [] : [{ id: 'ready', header: phrases.readyReward, body: ready }]),
    ...(next
      ? [
          {
            id: 'next',
            header: phrases.nextReward,
            body: `${next.name} (${formatWhole(next.remaining, content.locale)} ${next.unitLabel})`,
          },
        ]
      : []),
    ...(expiring === null
      ? []
      : [{ id: 'expiring', header: phrases.expiresSoon, body: expiringText(expiring, content.locale) }]),
  ];
}

function linksOf(content: PassContent): { id: string; uri: string; description: string }[] {
  if (content.isVoid) return [];
  return [{ id: 'card', uri: content.cardUrl, description: phrasesFor(content.locale).openCard }];
}

function imageOf(uri: string, description: string, locale: string): GoogleImage {
  return {
    sourceUri: { uri },
    contentDescription: { defaultValue: { language: locale, value: description } },
  };
}
