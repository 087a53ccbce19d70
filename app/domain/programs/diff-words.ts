/** How a program's settings are called, and how their values read, when two versions are compared. */
import { formatMinor } from '#app/domain/money.ts';
import {
  channelNames,
  counted,
  describeWallTime,
  listed,
  weekdayNames,
  writeMultiplier,
} from '#app/domain/programs/condition-sentences.ts';
import type { Multiplier } from '#app/domain/programs/program-terms.ts';
import type { Benefit } from '#app/domain/programs/rewards.ts';

/** What words must know beside the value: the shop's currency, and what the ids of the document are called. */
export type DiffWording = { currency: string; names: ReadonlyMap<string, string> };

const labels: Record<string, string> = {
  amount: 'how many',
  amountMinor: 'amount',
  atStamp: 'given at stamp',
  benefit: 'what it gives',
  'caps.perDay': 'at most a day',
  'caps.perMember': 'at most for each member',
  'caps.perOrder': 'at most an order',
  channels: 'channels',
  collectionId: 'for completing',
  collectionIds: 'collections that count',
  coolDownHours: 'hours before it counts again',
  cost: 'cost',
  currencies: 'currencies',
  debtPolicy: 'when a refund takes back what was spent',
  earnsOnGiftCards: 'money from gift cards counts',
  earnsOnShipping: 'shipping counts',
  earnsOnTax: 'tax counts',
  event: 'occasion',
  eventName: 'name of the event',
  excludedCollectionIds: 'collections left out',
  excludedMemberTags: 'members left out by tag',
  excludedProductIds: 'products left out',
  excludedProductTags: 'product tags left out',
  excludedProductTypes: 'product types left out',
  excludedVariantIds: 'variants left out',
  excludedVendors: 'vendors left out',
  expiry: 'expiry',
  expiryNoticeDays: 'days of notice before an expiry',
  firstOrder: 'only on the first order',
  friend: 'what the friend gets',
  friendsMax: 'friends a member is paid for',
  from: 'begins',
  graceDays: 'days a tier is kept longer',
  hours: 'hours',
  kind: 'kind',
  label: 'label',
  'limits.perMember': 'at most for each member',
  'limits.perPeriod': 'at most in a period',
  'limits.stock': 'in all',
  locationIds: 'locations',
  marketIds: 'markets',
  memberTags: 'member tags',
  minimumMinor: 'minimum',
  multiplier: 'multiplies by',
  name: 'name',
  needed: 'different stamps needed',
  pending: 'can be spent',
  pendingDays: 'days the friend’s order must stand',
  productIds: 'products that count',
  productTags: 'product tags that count',
  productTypes: 'product types that count',
  qualifiesBy: 'qualifies by',
  rates: 'rates',
  referrer: 'what the member who brought them gets',
  returnGraceDays: 'days for which returned value is good',
  rounding: 'rounding',
  ruleIds: 'rules',
  segmentIds: 'segments',
  spendingReturns: 'what was spent on a refunded order',
  stampsNeeded: 'stamps for a full card',
  threshold: 'from',
  thresholdMinor: 'from',
  tierIds: 'tiers',
  to: 'ends',
  unit: 'counted in',
  units: 'stamps',
  validFrom: 'valid from',
  validTo: 'valid until',
  variantIds: 'variants that count',
  vendors: 'vendors that count',
  weekdays: 'weekdays',
  window: 'counted over',
};

/** What a field is called. Conditions go by their own names, other nested fields by their whole path. */
export function labelOf(path: string): string {
  const field = path.replace(/^conditions\./, '');
  return labels[field] ?? field;
}

type Writer = (value: unknown, wording: DiffWording) => string;

const money: Writer = (minor, { currency }) => formatMinor({ minor: Number(minor), currency, locale: 'en' });
const time: Writer = (value) => describeWallTime(String(value));
const named: Writer = (id, { names }) => names.get(String(id)) ?? String(id);
const gift: Writer = (value, wording) => {
  const { unit, amount } = value as { unit: string; amount: number };
  return `${amount} ${named(unit, wording)}`;
};

const words: Record<string, string> = {
  carry: 'the balance goes below zero',
  'write-off': 'the loss is written off',
  proportional: 'comes back in proportion',
  'full-refund-only': 'comes back on a full refund only',
  never: 'stays spent',
  floor: 'down',
  ceil: 'up',
  'nearest-even': 'to the nearest',
  'sign-up': 'joining',
};

const writers: Record<string, Writer> = {
  unit: named,
  collectionId: named,
  units: (ids, wording) => listAll(ids, (id) => named(id, wording)),
  tierIds: (ids, wording) => listAll(ids, (id) => named(id, wording)),
  ruleIds: (ids, wording) => listAll(ids, (id) => named(id, wording)),
  channels: (channels) => listAll(channels, (channel) => channelNames[channel as keyof typeof channelNames]),
  weekdays: (days) => listAll(days, (day) => weekdayNames[Number(day) - 1] ?? String(day)),
  hours: (hours) => listAll(hours, (hour) => `${(hour as Hours).from}–${(hour as Hours).to}`),
  minimumMinor: money,
  amountMinor: money,
  thresholdMinor: money,
  multiplier: (value) => writeMultiplier(value as Multiplier),
  from: time,
  to: time,
  validFrom: time,
  validTo: time,
  friend: gift,
  referrer: gift,
  benefit: (value) => writeBenefit(value as Benefit),
  'limits.perPeriod': (value) => {
    const { count, days } = value as { count: number; days: number };
    return `${count} in ${counted(days, 'day', 'days')}`;
  },
  expiry: (value) => writeKinds(value, 'mode'),
  pending: (value) => writeKinds(value, 'until').replace('at-once', 'at once'),
  window: (value) => writeKinds(value, 'kind'),
  qualifiesBy: (value, wording) => {
    const { kind, unit } = value as { kind: string; unit?: string };
    return unit === undefined ? kind : named(unit, wording);
  },
};

type Hours = { from: string; to: string };

function listAll(values: unknown, write: (value: unknown) => string): string {
  return listed((values as unknown[]).map(write), 'and');
}

/** `rolling, months 12`: every setting of a choice, none left out. */
function writeKinds(value: unknown, kind: string): string {
  const { [kind]: chosen, ...rest } = value as Record<string, unknown>;
  const settings = Object.entries(rest).map(
    ([key, setting]) => `${key === 'graceDays' ? 'grace days' : key} ${String(setting)}`,
  );
  return [String(chosen), ...settings].join(', ');
}

/** What a member gets; two benefits that differ never read the same. */
function writeBenefit(benefit: Benefit): string {
  if (benefit.kind === 'percent-off') return `${benefit.percent} % off`;
  if (benefit.kind === 'free-product') return `the product ${benefit.productId}`;
  if (benefit.kind === 'free-shipping') return 'free shipping';
  if (benefit.kind === 'custom') return `“${benefit.instructions}”`;
  const worth = `${formatMinor({ minor: benefit.amountMinor, currency: benefit.currency, locale: 'en' })} (${benefit.currency})`;
  const kinds = {
    'amount-off': `${worth} off`,
    'store-credit': `${worth} of store credit`,
    'gift-card': `a gift card of ${worth}`,
  };
  return kinds[benefit.kind];
}

/** A value in words; null and undefined are "none". */
export function writeValue(path: string, value: unknown, wording: DiffWording): string {
  if (value === null || value === undefined) return 'none';
  const write = writers[path.replace(/^conditions\./, '')];
  if (write !== undefined) return write(value, wording);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return new Intl.NumberFormat('en').format(value);
  if (typeof value === 'string') return words[value] ?? value;
  if (isTexts(value)) return value.length <= namesShownMax ? listed(value, 'and') : `${value.length} of them`;
  return JSON.stringify(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

const namesShownMax = 5;

/** What came and went between two lists of words or ids: their names while they are few, else how many. */
export function writeListChange(before: readonly string[], after: readonly string[]): string | null {
  const added = after.filter((value) => !before.includes(value));
  const removed = before.filter((value) => !after.includes(value));
  if (added.length + removed.length === 0) return null;
  const say = (values: string[], verb: string) => {
    if (values.length === 0) return [];
    return values.length <= namesShownMax ? [`${verb} ${listed(values, 'and')}`] : [`${verb} ${values.length}`];
  };
  return [...say(added, 'adds'), ...say(removed, 'removes')].join(', ');
}
