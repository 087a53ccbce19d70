/** What a cart would earn if it were paid now: the same function, facts and standing as the award itself. */
import { type Availability, readAvailability } from '#app/data/ledger/availability.ts';
import { readHistory } from '#app/data/ledger/history.ts';
import { readRules, versionInForce } from '#app/data/ledger/rules-in-force.ts';
import { type Member, readMember } from '#app/data/members/members.ts';
import { readProductFacts } from '#app/data/orders/product-facts.ts';
import { listPrograms } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { type ExplanationPart, settle, type SettlementCause } from '#app/domain/earning/earning.ts';
import { type MemberStanding, newcomer, type OrderFacts, plainFacts } from '#app/domain/earning/facts.ts';
import { needsHistory, standingAt } from '#app/domain/earning/history.ts';
import { cardProgress } from '#app/domain/ledger/stamp-card.ts';
import { type Cart, cartOrder, type CartOccasion } from '#app/domain/orders/cart-order.ts';
import { factsNeeded } from '#app/domain/orders/facts-needed.ts';
import type { ProgramDocument, Unit } from '#app/domain/programs/program.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import type { MemberId, ProgramId, ShopId } from '#app/lib/ids.ts';

export type EstimateRequest = CartOccasion & {
  shopId: ShopId;
  /** Null: the member's, or else the shop's oldest live one. */
  programId: string | null;
  /** Null: somebody who is no member yet. */
  memberId: string | null;
  cart: Cart;
};

export type EstimatedUnit = {
  unit: string;
  kind: 'point' | 'stamp';
  label: string;
  amount: number;
  /** Adds up to the amount; lines are numbered from 1 in the order of the cart. */
  explanation: ExplanationPart[];
  /** How the member would stand afterwards; null for nobody in particular. */
  after: {
    balance: number;
    /** What could be spent at once: what is earned may be pending for a while. */
    available: number;
    isPending: boolean;
    /** Full cards, and what is on the card begun; null for points. */
    card: { needed: number; cards: number; onCard: number } | null;
  } | null;
};

export type OrderEstimate = {
  programId: ProgramId;
  memberId: MemberId | null;
  because: SettlementCause;
  /** False when a rule asks for something of the cart or the person that only Shopify could tell right now. */
  isExact: boolean;
  /** In the program's order. */
  units: EstimatedUnit[];
};

/**
 * The estimate of a cart. Nothing is written. Throws `NotFound` for an unknown or erased member and where no program is
 * in force, `InvalidInput` when the member is in another program than the one asked for.
 */
export async function estimateOrder(asked: EstimateRequest): Promise<OrderEstimate> {
  return withShop(asked.shopId, async (tx) => {
    const member = asked.memberId === null ? null : await readLivingMember(tx, asked.memberId);
    const programId = await chooseProgram(tx, asked.programId, member);
    const version = versionInForce(await readRules(tx), programId, asked.at);
    if (version === null) throw programNotLive();
    const { document } = version;
    const { facts, isExact } = await readFacts(tx, { asked, document, member });
    const standing = await readStanding(tx, { asked, document, member, timeZone: facts.timeZone });
    const { targets, because } = settle({ order: cartOrder(asked.cart, asked), document, facts, standing });
    const figures = member === null ? null : await readAvailability(tx, member.memberId);
    const units = document.units.flatMap((unit): EstimatedUnit[] => {
      const target = targets.find((one) => one.unit === unit.id);
      if (target === undefined) return [];
      const { amount, explanation } = target;
      const after = figures === null ? null : standingAfter(unit, { figures: figures.get(unit.id), amount, document });
      return [{ unit: unit.id, kind: unit.kind, label: unit.label, amount, explanation, after }];
    });
    return { programId, memberId: member?.memberId ?? null, because, isExact, units };
  });
}

async function readLivingMember(tx: Tx, memberId: string): Promise<Member> {
  const member = await readMember(tx, memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  return member;
}

const programNotLive = () =>
  new NotFound('program-not-live', 'No program is in force', { publicMessage: 'No program is open yet.' });

async function chooseProgram(tx: Tx, wanted: string | null, member: Member | null): Promise<ProgramId> {
  if (member !== null) {
    if (wanted === null || wanted === member.programId) return member.programId;
    throw new InvalidInput('program-mismatch', 'The member is in another program', {
      publicMessage: 'The member is in another program.',
    });
  }
  const programs = await listPrograms(tx);
  const chosen = programs.find(({ programId, state }) => (wanted === null ? state === 'live' : programId === wanted));
  if (chosen !== undefined) return chosen.programId;
  if (wanted === null) throw programNotLive();
  throw new NotFound('program-not-found', 'No such program', { publicMessage: 'There is no such program.' });
}

type Subject = { asked: EstimateRequest; document: ProgramDocument; member: Member | null };

/** What an award would pin, as far as it is known here without asking Shopify. */
async function readFacts(
  tx: Tx,
  { asked, document, member }: Subject,
): Promise<{ facts: OrderFacts; isExact: boolean }> {
  const needs = factsNeeded(document);
  const { timeZone } = await readShop(tx);
  const productIds = needs.products ? [...new Set(asked.cart.lines.flatMap((line) => line.productId ?? []))] : [];
  const products = await readProductFacts(tx, productIds);
  const isCustomer = member !== null && member.shopifyCustomerId !== null;
  const isPersonKnown = !isCustomer || (needs.segmentIds.length === 0 && !(needs.memberTags && member.tags === null));
  const isMarketKnown = !needs.market || asked.channel === 'api';
  const memberTags = needs.memberTags && isCustomer ? (member.tags ?? []) : [];
  return {
    facts: { ...plainFacts(timeZone), products: Object.fromEntries(products), memberTags },
    isExact: products.size === productIds.length && isPersonKnown && isMarketKnown,
  };
}

async function readStanding(
  tx: Tx,
  { asked, document, member, timeZone }: Subject & { timeZone: string },
): Promise<MemberStanding> {
  if (member === null || !needsHistory(document)) return newcomer;
  return standingAt(await readHistory(tx, member.memberId), { at: asked.at, document, timeZone });
}

function standingAfter(
  unit: Unit,
  { figures, amount, document }: { figures: Availability | undefined; amount: number; document: ProgramDocument },
): NonNullable<EstimatedUnit['after']> {
  const { balance, available, pending, held } = figures ?? { balance: 0, available: 0, pending: 0, held: 0 };
  const isPending = document.settings.pending.until !== 'at-once' && amount > 0;
  const after = balance + amount;
  // What is owed is paid back first.
  const spendable = Math.min(available + amount, Math.max(0, after - pending - held));
  return {
    balance: after,
    available: isPending ? available : spendable,
    isPending,
    card:
      unit.kind === 'stamp'
        ? { needed: unit.stampsNeeded, ...cardProgress({ collected: after, needed: unit.stampsNeeded }) }
        : null,
  };
}
