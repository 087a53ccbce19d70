/** Draws a card's content as Apple's pass.json: style storeCard, and a poster beside it where the design asks. */
import {
  type ApplePosterStyle,
  type AppleStyle,
  posterFields,
  storeCardFields,
} from '#app/domain/cards/apple-fields.ts';
import { parseHexColor } from '#app/domain/cards/color.ts';
import type { PassContent, PassPlace } from '#app/domain/cards/pass-content.ts';

export type ApplePassIdentity = {
  passTypeIdentifier: string;
  teamIdentifier: string;
  /** Never changes on an installed pass. */
  serialNumber: string;
  /** Never changes on an installed pass. */
  authenticationToken: string;
  /** Absolute https, without a query. */
  webServiceURL: string;
};

export type AppleAction = { identifier: string; type: 'shop' | 'order' | 'viewOffersRewards'; url: string };

export type ApplePass = ApplePassIdentity & {
  formatVersion: 1;
  organizationName: string;
  description: string;
  logoText?: string;
  backgroundColor: string;
  foregroundColor: string;
  labelColor: string;
  sharingProhibited: true;
  voided?: true;
  barcodes: { format: 'PKBarcodeFormatQR'; message: string; messageEncoding: 'iso-8859-1'; altText?: string }[];
  locations?: PassPlace[];
  relevantDates?: { startDate: string; endDate: string }[];
  /** iOS 27. */
  featuredActions?: AppleAction[];
  storeCard: AppleStyle;
  /** iOS 27; older phones show the store card. */
  posterGeneric?: ApplePosterStyle;
};

/** What the kinds of a design are called at Apple. */
const actionTypes = { website: 'shop', menu: 'viewOffersRewards', order: 'order' } as const;

/** The pass.json of a card. The same content and identity give the same document, to the order of its keys. */
export function toApplePass(content: PassContent, identity: ApplePassIdentity): ApplePass {
  const { poster, places, relevantDates, logoText, systemMark } = content;
  const actions = poster.isOn && !content.isVoid && !content.isFrozen ? featuredActions(poster.actions) : [];
  return {
    formatVersion: 1,
    passTypeIdentifier: identity.passTypeIdentifier,
    teamIdentifier: identity.teamIdentifier,
    serialNumber: identity.serialNumber,
    authenticationToken: identity.authenticationToken,
    webServiceURL: identity.webServiceURL,
    organizationName: content.organizationName,
    description: content.description,
    ...(logoText === '' ? {} : { logoText }),
    backgroundColor: rgb(content.colors.background),
    foregroundColor: rgb(content.colors.foreground),
    labelColor: rgb(content.colors.label),
    sharingProhibited: true,
    ...(content.isVoid || content.isFrozen ? { voided: true as const } : {}),
    barcodes: [
      {
        format: 'PKBarcodeFormatQR',
        message: content.barcodeValue,
        messageEncoding: 'iso-8859-1',
        ...(systemMark === undefined ? {} : { altText: systemMark }),
      },
    ],
    ...(places.length === 0 ? {} : { locations: places }),
    ...(relevantDates.length === 0
      ? {}
      : { relevantDates: relevantDates.map(({ startsAt, endsAt }) => ({ startDate: startsAt, endDate: endsAt })) }),
    ...(actions.length === 0 ? {} : { featuredActions: actions }),
    storeCard: storeCardFields(content),
    ...(poster.isOn ? { posterGeneric: posterFields(content) } : {}),
  };
}

/** An action that names a place of Apple's own maps cannot be written: a design holds addresses of pages alone. */
function featuredActions(actions: PassContent['poster']['actions']): AppleAction[] {
  return actions.flatMap(({ kind, url }, index) =>
    kind === 'place' || url === null ? [] : [{ identifier: `action-${index + 1}`, type: actionTypes[kind], url }],
  );
}

function rgb(hexColor: string): string {
  const { red, green, blue } = parseHexColor(hexColor);
  return `rgb(${red}, ${green}, ${blue})`;
}
