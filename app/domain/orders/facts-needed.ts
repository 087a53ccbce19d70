/** Which facts a program must know of an order beyond what the order itself tells. Only these are ever asked for. */
import type { Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export type FactsNeeded = {
  /** Collections, tags and types of the products bought. */
  products: boolean;
  memberTags: boolean;
  /** Shopify's customer segments whose members some rule is for. */
  segmentIds: string[];
  market: boolean;
  /** How much of the money a gift card paid. */
  tenders: boolean;
  /** The shop's wall clock, which a later move of the shop must not change for past orders. */
  timeZone: boolean;
};

/** What orders need for these rules. */
export function factsNeeded(document: ProgramDocument): FactsNeeded {
  return needsOf(
    document,
    document.earnRules.filter((rule) => rule.kind !== 'event'),
  );
}

/** What occasions other than orders need: they have no products, no market and no payment. */
export function eventFactsNeeded(document: ProgramDocument): Pick<FactsNeeded, 'memberTags' | 'segmentIds'> {
  const { memberTags, segmentIds } = needsOf(
    document,
    document.earnRules.filter((rule) => rule.kind === 'event'),
  );
  return { memberTags, segmentIds };
}

function needsOf(document: ProgramDocument, rules: EarnRule[]): FactsNeeded {
  const conditions = rules.map((rule) => rule.conditions);
  const isAnySet = (names: (keyof Conditions)[]): boolean =>
    conditions.some((condition) => names.some((name) => condition[name] !== undefined));
  return {
    products: isAnySet([
      'collectionIds',
      'excludedCollectionIds',
      'productTags',
      'excludedProductTags',
      'productTypes',
      'excludedProductTypes',
    ]),
    memberTags: isAnySet(['memberTags', 'excludedMemberTags']),
    segmentIds: [...new Set(conditions.flatMap((condition) => condition.segmentIds ?? []))],
    market: isAnySet(['marketIds']),
    tenders: !document.settings.earnsOnGiftCards,
    timeZone:
      document.campaigns.length > 0 ||
      isAnySet(['weekdays', 'hours']) ||
      rules.some((rule) => rule.caps?.perDay !== undefined),
  };
}
