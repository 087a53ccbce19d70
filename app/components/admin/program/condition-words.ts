import type { PickerKind } from '#app/components/admin/app-bridge.ts';
import type { ConditionKey } from '#app/domain/programs/rule-conditions.ts';

type Words = {
  group: string;
  /** In the list of what can be added. */ label: string;
  /** Before its fields. */ title: string;
};

const goods = 'What is bought';
const place = 'Where and when';
const member = 'Who buys';
const limits = 'Limits';

export const conditionWords: Record<ConditionKey, Words> = {
  productIds: { group: goods, label: 'Only certain products', title: 'only these products' },
  excludedProductIds: { group: goods, label: 'All but certain products', title: 'not these products' },
  variantIds: { group: goods, label: 'Only certain variants', title: 'only these variants' },
  excludedVariantIds: { group: goods, label: 'All but certain variants', title: 'not these variants' },
  collectionIds: { group: goods, label: 'Only certain collections', title: 'only from these collections' },
  excludedCollectionIds: { group: goods, label: 'All but certain collections', title: 'not from these collections' },
  productTags: { group: goods, label: 'Only products with a tag', title: 'only products tagged' },
  excludedProductTags: { group: goods, label: 'All but products with a tag', title: 'not products tagged' },
  vendors: { group: goods, label: 'Only certain vendors', title: 'only from these vendors' },
  excludedVendors: { group: goods, label: 'All but certain vendors', title: 'not from these vendors' },
  productTypes: { group: goods, label: 'Only certain product types', title: 'only of these types' },
  excludedProductTypes: { group: goods, label: 'All but certain product types', title: 'not of these types' },
  minimumMinor: { group: goods, label: 'From a minimum on', title: 'from a minimum of' },
  channels: { group: place, label: 'Only in certain channels', title: 'only when bought' },
  locationIds: { group: place, label: 'Only at certain locations', title: 'only at these locations' },
  weekdays: { group: place, label: 'Only on certain weekdays', title: 'only on' },
  hours: { group: place, label: 'Only at certain hours', title: 'only between' },
  marketIds: { group: place, label: 'Only in certain markets', title: 'only in these markets' },
  currencies: { group: place, label: 'Only in certain currencies', title: 'only when paid in' },
  memberTags: { group: member, label: 'Only members with a tag', title: 'only members tagged' },
  excludedMemberTags: { group: member, label: 'All but members with a tag', title: 'not members tagged' },
  segmentIds: { group: member, label: 'Only members of a segment', title: 'only members in these segments' },
  tierIds: { group: member, label: 'Only members with a tier', title: 'only members with' },
  firstOrder: { group: member, label: 'Only the first order', title: 'only the first order' },
  perOrder: { group: limits, label: 'At most so many an order', title: 'at most, for one order' },
  perDay: { group: limits, label: 'At most so many a day', title: 'at most, on one day' },
  perMember: { group: limits, label: 'At most so many a member', title: 'at most, for each member' },
  coolDownHours: { group: limits, label: 'Again only after a while', title: 'again only after' },
};

type ChipWords = { label: string; helpText: string; picker?: PickerKind; noun?: string };

const byNumber = 'The number at the end of its address in Shopify; Enter or a comma closes each.';
const byWord = 'Enter or a comma closes each. Large and small letters count the same.';

/** Conditions that are lists of ids or words. */
export const chipWords: Partial<Record<ConditionKey, ChipWords>> = {
  productIds: { label: 'Products that count', helpText: byNumber, picker: 'product', noun: 'Product' },
  excludedProductIds: { label: 'Products left out', helpText: byNumber, picker: 'product', noun: 'Product' },
  variantIds: { label: 'Variants that count', helpText: byNumber, picker: 'variant', noun: 'Variant' },
  excludedVariantIds: { label: 'Variants left out', helpText: byNumber, picker: 'variant', noun: 'Variant' },
  collectionIds: { label: 'Collections that count', helpText: byNumber, picker: 'collection', noun: 'Collection' },
  excludedCollectionIds: {
    label: 'Collections left out',
    helpText: byNumber,
    picker: 'collection',
    noun: 'Collection',
  },
  productTags: { label: 'Product tags that count', helpText: byWord },
  excludedProductTags: { label: 'Product tags left out', helpText: byWord },
  vendors: { label: 'Vendors that count', helpText: byWord },
  excludedVendors: { label: 'Vendors left out', helpText: byWord },
  productTypes: { label: 'Product types that count', helpText: byWord },
  excludedProductTypes: { label: 'Product types left out', helpText: byWord },
  locationIds: { label: 'Locations', helpText: byNumber, noun: 'Location' },
  marketIds: { label: 'Markets', helpText: byNumber, noun: 'Market' },
  currencies: { label: 'Currencies', helpText: 'Three letters each, such as EUR.' },
  memberTags: { label: 'Member tags', helpText: byWord },
  excludedMemberTags: { label: 'Member tags left out', helpText: byWord },
  segmentIds: { label: 'Segments', helpText: byNumber, noun: 'Segment' },
};
