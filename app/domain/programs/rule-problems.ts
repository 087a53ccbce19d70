/** What a person has to mend in the earn rules and campaigns of a program. */
import type { Campaign, Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import { claimMultiplier, type Claims, isWallTime, type ListForm } from '#app/domain/programs/problem-claims.ts';
import { limits } from '#app/domain/programs/program-limits.ts';

const unitsMax = 1_000_000_000;
export const slugForm = /^[a-z][a-z0-9-]{0,31}$/;

const ids: ListForm = {
  pattern: /^\d{1,20}$/,
  countMax: limits.idsPerConditionMax,
  empty: 'Choose at least one, or remove this condition.',
  wrong: 'use the number at the end of its address in Shopify.',
};
const words: ListForm = {
  ...ids,
  pattern: /^(?=.{1,255}$)\S(?:.*\S)?$/su,
  empty: 'Enter at least one, or remove this condition.',
  wrong: 'use up to 255 characters.',
};
export const currencies: ListForm = {
  pattern: /^[A-Z]{3}$/,
  countMax: 20,
  empty: 'Enter at least one currency, such as EUR, or remove this condition.',
  wrong: 'a currency has three capital letters, such as EUR.',
};

/** Product numbers, locations and the like. */
export const shopifyIds = ids;

const lists: Partial<Record<keyof Conditions, ListForm>> = {
  productIds: ids,
  excludedProductIds: ids,
  variantIds: ids,
  excludedVariantIds: ids,
  collectionIds: ids,
  excludedCollectionIds: ids,
  productTags: words,
  excludedProductTags: words,
  vendors: words,
  excludedVendors: words,
  productTypes: words,
  excludedProductTypes: words,
  channels: { ...words, countMax: 4, empty: 'Tick at least one, or remove this condition.' },
  locationIds: ids,
  marketIds: ids,
  currencies,
  memberTags: words,
  excludedMemberTags: words,
  segmentIds: { ...ids, countMax: 10 },
  tierIds: { ...words, countMax: limits.tiersMax, empty: 'Tick at least one tier, or remove this condition.' },
};

/** Claims about one rule. */
export function claimRule(claims: Claims, path: string, rule: EarnRule): void {
  const { claim, whole, words: claimWords } = claims;
  claimWords(`${path}.name`, rule.name, 60);
  if (rule.kind === 'spend') claimRates(claims, path, rule.rates);
  if (rule.kind === 'item') whole(`${path}.amount`, rule.amount, { min: 1, max: 1_000 });
  if (rule.kind === 'visit') whole(`${path}.amount`, rule.amount, { min: 1, max: 100_000 });
  if (rule.kind === 'event') {
    whole(`${path}.amount`, rule.amount, { min: 1, max: 1_000_000 });
    const isNamed = rule.eventName !== undefined && slugForm.test(rule.eventName);
    claim(
      `${path}.eventName`,
      rule.event === 'custom' && !isNamed,
      'Enter the event’s name as your developer sends it: small letters, digits and hyphens, such as app-opened.',
    );
  }
  claimConditions(claims, `${path}.conditions`, rule.conditions);
  whole(`${path}.caps.perOrder`, rule.caps?.perOrder, { min: 1, max: unitsMax });
  whole(`${path}.caps.perDay`, rule.caps?.perDay, { min: 1, max: unitsMax });
  whole(`${path}.caps.perMember`, rule.caps?.perMember, { min: 1, max: unitsMax });
  whole(`${path}.coolDownHours`, rule.coolDownHours, { min: 1, max: 8_760 });
}

type Rates = Extract<EarnRule, { kind: 'spend' }>['rates'];

function claimRates({ claim, whole, money }: Claims, path: string, rates: Rates): void {
  claim(`${path}.rates`, rates.length === 0, 'Say how much has to be spent.');
  claim(`${path}.rates`, rates.length > 20, 'Give rates for at most 20 currencies.');
  rates.forEach(({ currency, amount, perMinor }, index) => {
    const at = `${path}.rates.${index}`;
    const isRepeated = rates.findIndex((rate) => rate.currency === currency) < index;
    claim(`${at}.currency`, !currencies.pattern.test(currency), 'Enter a currency of three letters, such as EUR.');
    claim(`${at}.currency`, isRepeated, `There is a rate for ${currency} already.`);
    whole(`${at}.amount`, amount, { min: 1, max: unitsMax });
    money(`${at}.perMinor`, perMinor);
  });
}

function claimConditions({ claim, list, money }: Claims, path: string, conditions: Conditions): void {
  for (const [key, form] of Object.entries(lists)) {
    const values = new Map(Object.entries(conditions)).get(key);
    if (Array.isArray(values)) list(`${path}.${key}`, values.map(String), form);
  }
  const { weekdays, hours, minimumMinor } = conditions;
  claim(`${path}.weekdays`, weekdays?.length === 0, 'Tick at least one day, or remove this condition.');
  claim(`${path}.hours`, hours?.length === 0, 'Enter at least one time, or remove this condition.');
  claim(`${path}.hours`, (hours?.length ?? 0) > 12, 'Give at most 12 times of a day.');
  hours?.forEach(({ from, to }, index) => {
    const at = `${path}.hours.${index}`;
    claim(`${at}.from`, !hourForm.test(from), 'Enter a time like 07:30.');
    claim(`${at}.to`, !hourForm.test(to), 'Enter a time like 10:00; the end of the day is 24:00.');
    claim(`${at}.to`, from >= to, 'It must end after it begins. Over midnight, use two times.');
  });
  money(`${path}.minimumMinor`, minimumMinor, Number.MAX_SAFE_INTEGER);
}

const hourForm = /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/;

/** Claims about one campaign. */
export function claimCampaign(claims: Claims, path: string, campaign: Campaign): void {
  const { claim, words: claimWords } = claims;
  const { name, from, to, multiplier, ruleIds } = campaign;
  claimWords(`${path}.name`, name, 60);
  claim(`${path}.from`, !isWallTime(from), 'Enter the day and the time at which it begins.');
  claim(`${path}.to`, !isWallTime(to), 'Enter the day and the time at which it ends.');
  claim(`${path}.to`, from >= to, 'It must end after it begins.');
  claimMultiplier(claims, `${path}.multiplier`, multiplier);
  claim(`${path}.ruleIds`, ruleIds?.length === 0, 'Tick at least one rule, or let it count for all of them.');
}
