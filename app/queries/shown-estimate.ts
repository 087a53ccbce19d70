/** What a cart would earn, as shoppers and staff are shown it. */
import type { ShownAmount, ShownCart, ShownEstimate } from '#app/contracts/shown-estimate.ts';
import { findMembersByCustomers, type Member, readMember } from '#app/data/members/members.ts';
import { listPrograms, newestRuleVersion, readCheckoutProgram } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { languageOfTag } from '#app/domain/members/languages.ts';
import type { Channel } from '#app/domain/orders/order.ts';
import { countsInCurrency, readDecimalCart } from '#app/domain/orders/shown-cart.ts';
import { unitWord } from '#app/domain/programs/unit-words.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import type { MemberId, ProgramId, ShopId } from '#app/lib/ids.ts';
import { estimateOrder, type EstimatedUnit } from '#app/queries/estimate-order.ts';

/** Who it is for: a member by id, a shopper whom Shopify names, or nobody known (both null). */
export type EstimateFor = { memberId?: string | null; customerId?: string | null };

export type ShownEstimateRequest = EstimateFor & {
  cart: ShownCart;
  channel: Channel;
  locationId: string | null;
  /** The reader's language, where it is known. */
  locale?: string | undefined;
};

type Account = {
  programId: ProgramId;
  memberId: MemberId | null;
  programName: string;
  isCounted: boolean;
  isTaxCounted: boolean;
};

/**
 * Shows nothing rather than something that may turn out wrong: no amounts where a rule asks for what only Shopify knows, or
 * the currency is not one the program counts in. Writes nothing. Throws `NotFound` ('program-not-live',
 * 'member-not-found') and `InvalidInput`.
 */
export async function shownEstimate(shopId: ShopId, asked: ShownEstimateRequest): Promise<ShownEstimate> {
  const cart = readDecimalCart(asked.cart);
  if (cart === null)
    throw new InvalidInput('input-invalid', 'A cart has amounts that cannot be read', {
      publicMessage: 'An amount of the cart cannot be read.',
    });
  const account = await withShop(shopId, (tx) => findAccount(tx, asked));
  const { programId, memberId, programName } = account;
  const { channel, locationId } = asked;
  const estimate = await estimateOrder({ shopId, programId, memberId, cart, channel, locationId, at: now() });
  const isShown = account.isCounted && estimate.isExact;
  const isUpTo = asked.cart.taxesIncluded === true && asked.cart.tax === undefined && !account.isTaxCounted;
  return {
    programName,
    isMember: memberId !== null,
    isUpTo,
    amounts: isShown ? shownAmounts(estimate.units, asked.locale) : [],
  };
}

function shownAmounts(units: EstimatedUnit[], locale: string | undefined): ShownAmount[] {
  const language = locale === undefined ? null : languageOfTag(locale);
  return units.flatMap(({ unit, kind, label, amount }) => {
    if (amount <= 0) return [];
    return [{ unit, kind, label: language === null ? label : unitWord(language, amount, { kind, label }), amount }];
  });
}

async function findAccount(tx: Tx, asked: ShownEstimateRequest): Promise<Account> {
  const member = await findMember(tx, asked);
  const found =
    member === null
      ? await readCheckoutProgram(tx)
      : { program: member, version: await newestRuleVersion(tx, member.programId) };
  if (found.version === null) throw new NotFound('program-not-live', 'The program is not live');
  const { document } = found.version;
  const { currency } = await readShop(tx);
  const isShops = currency === null || currency === asked.cart.currency;
  return {
    programId: found.program.programId,
    memberId: member?.memberId ?? null,
    programName: document.name,
    isCounted: isShops || countsInCurrency(document, asked.cart.currency),
    isTaxCounted: document.settings.earnsOnTax,
  };
}

async function findMember(tx: Tx, { memberId = null, customerId = null }: EstimateFor): Promise<Member | null> {
  if (memberId !== null) return readMember(tx, memberId);
  const members = customerId === null ? [] : await findMembersByCustomers(tx, [customerId]);
  if (members.length <= 1) return members[0] ?? null;
  // As their orders do: one who joined several programs earns in the oldest that is live.
  const programs = await listPrograms(tx);
  const ranks = programs.filter(({ state }) => state === 'live').map(({ programId }) => programId);
  return ranks.flatMap((programId) => members.find((member) => member.programId === programId) ?? [])[0] ?? null;
}
