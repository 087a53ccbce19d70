/** The fields of an Apple pass, front and back, from a card's content. The names are Apple's. */
import { phrasesFor } from '#app/domain/cards/card-phrases.ts';
import { isolated } from '#app/domain/cards/card-text.ts';
import type { FieldText, LinkText } from '#app/domain/cards/card-texts.ts';
import {
  countedName,
  expiringText,
  nextRewardText,
  type PassContent,
  stampText,
} from '#app/domain/cards/pass-content.ts';

export type AppleField = {
  key: string;
  label?: string;
  value: string | number;
  changeMessage?: string;
  numberStyle?: 'PKNumberStyleDecimal';
  attributedValue?: string;
};

export type AppleStyle = {
  headerFields: AppleField[];
  primaryFields: AppleField[];
  secondaryFields: AppleField[];
  auxiliaryFields: AppleField[];
  backFields: AppleField[];
};

/** The style of iOS 27. */
export type ApplePosterStyle = AppleStyle & { footerFields: AppleField[] };

const headerFieldsMax = 3;
/** Beside a square barcode, secondary and auxiliary fields together. */
const frontFieldsMax = 4;
const posterPrimaryFieldsMax = 4;

/**
 * The classic card. Exactly one field, `announcement`, carries a changeMessage: iOS folds several changed fields into one
 * meaningless notice. A stamp card leaves the primary field empty because it would cover the strip. What does not fit the
 * front goes to the back.
 */
export function storeCardFields(content: PassContent): AppleStyle {
  const balances = balanceFields(content);
  const isDrawn = content.stamps !== null;
  const details = detailFields(content);
  const front = details.slice(0, frontFieldsMax);
  const isRewardField = ({ key }: AppleField) => key === 'ready' || key === 'next';
  return {
    headerFields: (isDrawn ? balances : balances.slice(1)).slice(0, headerFieldsMax),
    primaryFields: isDrawn ? [] : balances.slice(0, 1),
    secondaryFields: front.filter(isRewardField),
    auxiliaryFields: front.filter((field) => !isRewardField(field)),
    backFields: backFields(content, details.slice(frontFieldsMax)),
  };
}

/** The same card as a poster: one balance above the picture, four details below it, one line at the foot. */
export function posterFields(content: PassContent): ApplePosterStyle {
  const [balance, ...others] = balanceFields(content);
  const details = [...others, ...detailFields(content)];
  return {
    headerFields: balance === undefined ? [] : [balance],
    primaryFields: details.slice(0, posterPrimaryFieldsMax),
    secondaryFields: [],
    auxiliaryFields: [],
    backFields: backFields(content, details.slice(posterPrimaryFieldsMax)),
    footerFields: [{ key: 'program', value: content.programName }],
  };
}

/** Stamps before points. The header shows them in the top right corner, while the card is still in the stack. */
function balanceFields({ stamps, points }: PassContent): AppleField[] {
  return [
    ...(stamps ? [{ key: 'stamps', label: stamps.label, value: stampText(stamps) }] : []),
    ...points.map(({ unit, label, available }) => ({
      key: `points-${unit}`,
      label,
      value: available,
      numberStyle: 'PKNumberStyleDecimal' as const,
    })),
  ];
}

/** What the front says beside the balances, in the order in which it gets room. */
function detailFields(content: PassContent): AppleField[] {
  const phrases = phrasesFor(content.locale);
  const [ready] = content.readyRewards;
  const { nextReward, tier, memberName } = content;
  return [
    ...(ready ? [{ key: 'ready', label: phrases.readyReward, value: countedName(ready) }] : []),
    ...(nextReward
      ? [{ key: 'next', label: phrases.nextReward, value: nextRewardText(nextReward, content.locale) }]
      : []),
    ...(tier?.name == null ? [] : [{ key: 'tier', label: phrases.tier, value: tier.name }]),
    ...fieldsOf(content, 'front'),
    ...(memberName === null ? [] : [{ key: 'member', label: phrases.member, value: memberName }]),
  ];
}

function backFields(content: PassContent, overflow: AppleField[]): AppleField[] {
  const phrases = phrasesFor(content.locale);
  const { announcement, isVoid, expiringNext, tier, terms } = content;
  const line = (key: string, label: string, value: string): AppleField[] =>
    value === '' ? [] : [{ key, label, value }];
  const nextTier = tier?.next == null ? '' : `${isolated(tier.next.name)} (${tier.next.distance})`;
  return [
    {
      key: 'announcement',
      label: phrases.yourCard,
      value: announcement,
      ...(content.isQuiet ? {} : { changeMessage: '%@' }),
    },
    ...overflow,
    ...line('expiring', phrases.expiresSoon, expiringNext === null ? '' : expiringText(expiringNext, content.locale)),
    ...line('rewards', phrases.readyReward, content.readyRewards.map(countedName).join('\n')),
    ...line('next-tier', phrases.nextTier, nextTier),
    ...line('activity', phrases.activity, content.activity.join('\n')),
    ...fieldsOf(content, 'back'),
    ...content.links.map(linkField),
    ...line('card', phrases.openCard, isVoid ? '' : content.cardUrl),
    ...line('preferences', phrases.preferences, content.preferencesUrl ?? ''),
    ...line('terms', phrases.terms, terms),
  ];
}

function fieldsOf({ fields }: PassContent, side: FieldText['side']): AppleField[] {
  return fields
    .filter((field) => field.side === side)
    .map(({ id, label, value }) => ({ key: `field-${id}`, label, value }));
}

/** Phones before iOS 7 show the address, all others the words. */
function linkField({ id, label, url }: LinkText): AppleField {
  const escaped = (text: string) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;');
  return { key: `link-${id}`, label, value: url, attributedValue: `<a href="${escaped(url)}">${escaped(label)}</a>` };
}
