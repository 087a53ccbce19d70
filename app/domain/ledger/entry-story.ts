/**
 * Why a member has so many: each entry of the ledger told as a sentence, with the engine's own reasons. Nothing is computed
 * here but what was booked before: an entry of an order is what the order should have earned by then, less that.
 */
import type { ExplanationPart } from '#app/domain/earning/earning.ts';
import { type ExplainedPart, explainPart } from '#app/domain/earning/explanation-words.ts';
import { formatMinor } from '#app/domain/money.ts';
import type { OrderRefund, OrderState } from '#app/domain/orders/order.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** An entry as far as its story needs it. */
export type ToldEntry = {
  kind: 'accrual' | 'redemption' | 'reversal' | 'expiration' | 'adjustment';
  unit: string;
  amount: number;
  source: string;
  reason: string | null;
  explanation: unknown;
  bookedAt: Date;
};

/** The order an entry belongs to, and when something was booked for it in the same unit before. */
export type ToldOrder = { state: OrderState; bookedBefore: Date | null };

export type EntryStory = {
  /** What happened: `Refund of €19.95`, `Reward used: Free coffee`. */
  title: string;
  /** Rule by rule and line by line, what stood when it was booked; empty where no rule decided. */
  parts: (ExplainedPart & { line: string })[];
  /** For an order: what it had given before, and what it should give by then. Null where that is no question. */
  balance: { before: number; target: number } | null;
};

type Explanation = { because: string | null; parts: ExplanationPart[]; rewardId: string | null };

/** Tells one entry. `documents` are the versions that may name its rules and rewards, its own first. */
export function tellEntry(
  entry: ToldEntry,
  order: ToldOrder | null,
  documents: readonly ProgramDocument[],
): EntryStory {
  const explanation = readExplanation(entry.explanation);
  const target = explanation.parts.reduce((sum, part) => sum + part.amount, 0);
  const isSettled = (entry.source === 'order' || entry.source === 'event') && explanation.because !== null;
  return {
    title: titleOf(entry, { explanation, order, documents }),
    parts: partsOf(explanation, order, documents),
    balance: isSettled ? { before: target - entry.amount, target } : null,
  };
}

function readExplanation(stored: unknown): Explanation {
  const fields =
    typeof stored === 'object' && stored !== null ? new Map(Object.entries(stored)) : new Map<string, unknown>();
  const parts: unknown = fields.get('parts');
  const text = (key: string) => {
    const value: unknown = fields.get(key);
    return typeof value === 'string' ? value : null;
  };
  return {
    because: text('because'),
    rewardId: text('rewardId'),
    // Only settlement writes parts, in the engine's own shape.
    parts: Array.isArray(parts) ? (parts as ExplanationPart[]) : [],
  };
}

type Told = { explanation: Explanation; order: ToldOrder | null; documents: readonly ProgramDocument[] };

const bySource: Record<string, (entry: ToldEntry, told: Told) => string> = {
  order: orderTitle,
  reward: rewardTitle,
  event: eventTitle,
  referral: referralTitle,
  merge: () => 'Came from another account of the same person',
  pos: ({ kind }) => (kind === 'accrual' ? 'Given at the till' : 'Taken back at the till'),
  api: ({ kind }) => (kind === 'accrual' ? 'Given through the API' : 'Adjusted through the API'),
};

function titleOf(entry: ToldEntry, told: Told): string {
  const { kind, source, reason, amount } = entry;
  if (reason === 'written-off') return 'Written off: it had been spent before it was taken back';
  if (reason === 'written-off-made-good') return 'Makes good what had been written off';
  if (reason === 'expired-before') return 'Had expired before, so it is not taken twice';
  if (kind === 'expiration') return 'Expired';
  return bySource[source]?.(entry, told) ?? (amount > 0 ? 'Added by hand' : 'Taken away by hand');
}

function orderTitle(entry: ToldEntry, { explanation, order }: Told): string {
  const number = order?.state.latest?.orderNumber;
  const name = number == null ? 'the order' : `order #${number}`;
  if (entry.kind === 'accrual' && order?.bookedBefore == null) return `Earned by ${name}`;
  const plain = byCause[explanation.because ?? ''];
  if (plain !== undefined) return plain(name);
  const sums = refundSums(order, entry.bookedAt);
  if (sums.length > 0) return `${sums.length === 1 ? 'Refund' : 'Refunds'} of ${sums.join(' and ')} on ${name}`;
  return explanation.because === 'refunded' ? `Refund of ${name}` : `Change of ${name}`;
}

/** Causes that need no sums to be told. */
const byCause: Record<string, (name: string) => string> = {
  cancelled: (name) => `Cancellation of ${name}`,
  'another-member': (name) => `${capitalized(name)} is another customer’s`,
};

const capitalized = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function refundSums(order: ToldOrder | null, bookedAt: Date): string[] {
  if (order === null) return [];
  const currency = order.state.latest?.currency ?? '';
  return newRefunds(order, bookedAt).map((refund) =>
    formatMinor({ minor: refundMinor(refund, order), currency, locale: 'en' }),
  );
}

/** Refunds made since something was last booked for the order. */
function newRefunds({ state, bookedBefore }: ToldOrder, bookedAt: Date): OrderRefund[] {
  return state.refunds.filter((refund) => {
    const at = new Date(refund.createdAt);
    return at <= bookedAt && (bookedBefore === null || at > bookedBefore);
  });
}

/** The money of a refund as the shopper got it: lines and what came without one, with tax, and shipping. */
function refundMinor(refund: OrderRefund, order: ToldOrder): number {
  const isTaxOnTop = order.state.latest?.taxesIncluded === false;
  const lines = refund.lines.reduce((sum, line) => sum + line.subtotalMinor + (isTaxOnTop ? line.taxMinor : 0), 0);
  return lines + refund.amountOnlyMinor + refund.shippingMinor;
}

function rewardTitle({ kind }: ToldEntry, { explanation, documents }: Told): string {
  const rewards = documents.flatMap((document) => document.rewards);
  const name = rewards.find((reward) => reward.id === explanation.rewardId)?.name;
  const what = name === undefined ? '' : `: ${name}`;
  return kind === 'redemption' ? `Reward used${what}` : `Given back${what}`;
}

function eventTitle({ kind }: ToldEntry, { explanation, documents }: Told): string {
  const ruleId = explanation.parts[0]?.ruleId;
  const rules = documents.flatMap((document) => document.earnRules);
  const rule = rules.find((candidate) => candidate.id === ruleId);
  const names = { 'sign-up': 'joining', birthday: 'a birthday', review: 'a review', custom: 'an event' };
  const occasion = rule?.kind === 'event' ? names[rule.event] : 'an event';
  return kind === 'accrual' ? `Earned for ${occasion}` : 'An event was taken back';
}

function referralTitle({ kind }: ToldEntry, { explanation }: Told): string {
  const isFriend = explanation.because === 'referral-friend';
  if (kind !== 'accrual') return 'The referral was taken back';
  return isFriend ? 'Earned for having been brought by a friend' : 'Earned for bringing a friend';
}

function partsOf(explanation: Explanation, order: ToldOrder | null, documents: readonly ProgramDocument[]) {
  const currency = order?.state.latest?.currency ?? '';
  return explanation.parts.map((part) => {
    const own =
      documents.find((document) => document.earnRules.some((rule) => rule.id === part.ruleId)) ?? documents[0];
    const explained =
      own === undefined
        ? { label: part.ruleId, lineId: part.lineId, eligible: null, notes: [], amount: part.amount }
        : explainPart(part, own, currency);
    return { ...explained, line: lineOf(part.lineId, order) };
  });
}

/** `Line 2, 3 items`: what was bought is Shopify's to say, we keep no titles. */
function lineOf(lineId: string | null, order: ToldOrder | null): string {
  if (lineId === null) return order === null ? '' : 'whole order';
  const lines = order?.state.latest?.lines ?? [];
  const index = lines.findIndex((line) => line.id === lineId);
  const quantity = lines[index]?.quantity;
  if (quantity === undefined) return 'a line that is gone';
  return `line ${index + 1}, ${quantity === 1 ? 'one item' : `${quantity} items`}`;
}
