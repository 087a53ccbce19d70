/** Draws a card's content as Apple's pass.json, style storeCard. The names are Apple's. */
import { formatWhole, phrasesFor } from '#app/domain/cards/card-phrases.ts';
import { parseHexColor } from '#app/domain/cards/color.ts';
import { countedName, type PassContent, stampText, expiringText } from '#app/domain/cards/pass-content.ts';

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

export type AppleField = {
  key: string;
  label?: string;
  value: string | number;
  changeMessage?: string;
  textAlignment?: 'PKTextAlignmentRight';
  numberStyle?: 'PKNumberStyleDecimal';
  attributedValue?: string;
};

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
  barcodes: { format: 'PKBarcodeFormatQR'; message: string; messageEncoding: 'iso-8859-1' }[];
  storeCard: {
    headerFields: AppleField[];
    primaryFields: AppleField[];
    secondaryFields: AppleField[];
    auxiliaryFields: AppleField[];
    backFields: AppleField[];
  };
};

const headerFieldsMax = 3;

/**
 * The pass.json of a card. Exactly one field, `announcement`, carries a changeMessage: iOS folds several changed
 * fields into one meaningless notice. A stamp card leaves the primary field empty because it would cover the strip.
 */
export function toApplePass(content: PassContent, identity: ApplePassIdentity): ApplePass {
  return {
    formatVersion: 1,
    passTypeIdentifier: identity.passTypeIdentifier,
    teamIdentifier: identity.teamIdentifier,
    serialNumber: identity.serialNumber,
    authenticationToken: identity.authenticationToken,
    webServiceURL: identity.webServiceURL,
    organizationName: content.organizationName,
    description: content.description,
    ...(content.logoText === '' ? {} : { logoText: content.logoText }),
    backgroundColor: rgb(content.colors.background),
    foregroundColor: rgb(content.colors.foreground),
    labelColor: rgb(content.colors.label),
    sharingProhibited: true,
    ...(content.isVoid ? { voided: true as const } : {}),
    barcodes: [{ format: 'PKBarcodeFormatQR', message: content.barcodeValue, messageEncoding: 'iso-8859-1' }],
    storeCard: {
      headerFields: headerFields(content),
      primaryFields: primaryFields(content),
      secondaryFields: secondaryFields(content),
      auxiliaryFields: auxiliaryFields(content),
      backFields: backFields(content),
    },
  };
}

function pointsFields(content: PassContent): AppleField[] {
  return content.points.map((balance) => ({
    key: `points-${balance.unit}`,
    label: balance.label,
    value: balance.available,
    numberStyle: 'PKNumberStyleDecimal' as const,
  }));
}

/** The top right corner, visible while the card is still in the stack: stamps first, then points. */
function headerFields(content: PassContent): AppleField[] {
  const { stamps } = content;
  if (!stamps) return pointsFields(content).slice(1, 1 + headerFieldsMax);
  const shown: AppleField = { key: 'stamps', label: stamps.label, value: stampText(stamps) };
  return [shown, ...pointsFields(content)].slice(0, headerFieldsMax);
}

function primaryFields(content: PassContent): AppleField[] {
  return content.stamps ? [] : pointsFields(content).slice(0, 1);
}

function secondaryFields(content: PassContent): AppleField[] {
  const phrases = phrasesFor(content.locale);
  const fields: AppleField[] = [];
  const [ready] = content.readyRewards;
  if (ready) fields.push({ key: 'ready', label: phrases.readyReward, value: countedName(ready) });
  const next = content.nextReward;
  if (next) {
    const distance = `${formatWhole(next.remaining, content.locale)} ${next.unitLabel}`;
    fields.push({ key: 'next', label: phrases.nextReward, value: `${next.name} (${distance})` });
  }
  return fields;
}

function auxiliaryFields(content: PassContent): AppleField[] {
  if (content.memberName === null || content.memberName === '') return [];
  return [{ key: 'member', label: phrasesFor(content.locale).member, value: content.memberName }];
}

function backFields(content: PassContent): AppleField[] {
  const phrases = phrasesFor(content.locale);
  const rewards = content.readyRewards.map((reward) => countedName(reward)).join('\n');
  const expiring = content.expiringNext;
  return [
    { key: 'announcement', label: phrases.yourCard, value: content.announcement, changeMessage: '%@' },
    ...(expiring === null
      ? []
      : [{ key: 'expiring', label: phrases.expiresSoon, value: expiringText(expiring, content.locale) }]),
    ...(rewards === '' ? [] : [{ key: 'rewards', label: phrases.readyReward, value: rewards }]),
    ...(content.isVoid ? [] : [{ key: 'card', label: phrases.openCard, value: content.cardUrl }]),
    ...(content.terms === '' ? [] : [{ key: 'terms', label: phrases.terms, value: content.terms }]),
  ];
}

function rgb(hexColor: string): string {
  const { red, green, blue } = parseHexColor(hexColor);
  return `rgb(${red}, ${green}, ${blue})`;
}
