/** The steps of a privacy case, run one by one: each is done once, and none is lost, however often a worker is killed. */
import { addReceipt, type Progress, readProgress, writeProgress } from '#app/data/privacy/case-progress.ts';
import { lockCase, type PrivacyCase } from '#app/data/privacy/cases.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { CaseId, ShopId } from '#app/lib/ids.ts';

export type Done = { count: number };
export type Waiting = { waitMs: number };

/**
 * A change leaves its receipt in its own transaction; slices note in theirs where they stopped. Calls over the network leave
 * theirs right after: they may repeat. A step that waits for somebody is looked at again later, and holds up no other.
 */
export type Step =
  | { name: string; change: (tx: Tx, found: PrivacyCase) => Promise<number> }
  | { name: string; attempt: (tx: Tx, found: PrivacyCase) => Promise<Done | Waiting> }
  | { name: string; slice: (tx: Tx, after: string | null) => Promise<Progress> }
  | { name: string; call: (shopId: ShopId, found: PrivacyCase, after: string | null) => Promise<Progress> };

const isDone = (found: PrivacyCase, step: Step) => found.receipts.some((receipt) => receipt.step === step.name);

/**
 * Runs a step of a case unless it has its receipt. Null: it is done. 'more': `isOver` said that its turn was over, and it
 * goes on where it stopped. Safe to repeat, also at the same moment.
 */
export async function runStep(
  shopId: ShopId,
  { caseId, step, isOver }: { caseId: CaseId; step: Step; isOver: () => boolean },
): Promise<Waiting | 'more' | null> {
  if ('slice' in step) return runSlices(shopId, { caseId, step, isOver });
  if ('call' in step) return runCalls(shopId, { caseId, step, isOver });
  return withShop(shopId, async (tx) => {
    const found = await lockCase(tx, caseId);
    if (found === null || isDone(found, step)) return null;
    const outcome = 'change' in step ? { count: await step.change(tx, found) } : await step.attempt(tx, found);
    if ('waitMs' in outcome) return outcome;
    await leaveReceipt(tx, caseId, step, outcome.count);
    return null;
  });
}

type Turn<Kind extends string> = { caseId: CaseId; step: Extract<Step, Record<Kind, unknown>>; isOver: () => boolean };

async function runSlices(shopId: ShopId, { caseId, step, isOver }: Turn<'slice'>): Promise<'more' | null> {
  const next = () =>
    withShop(shopId, async (tx) => {
      const found = await lockCase(tx, caseId);
      if (found === null || isDone(found, step)) return null;
      const before = await readProgress(tx, caseId, step.name);
      return noteSlice(tx, { caseId, step, before, slice: await step.slice(tx, before.after) });
    });
  while ((await next()) !== null) if (isOver()) return 'more';
  return null;
}

async function runCalls(shopId: ShopId, { caseId, step, isOver }: Turn<'call'>): Promise<'more' | null> {
  for (;;) {
    const start = await withShop(shopId, async (tx) => {
      const found = await lockCase(tx, caseId);
      if (found === null || isDone(found, step)) return null;
      return { found, before: await readProgress(tx, caseId, step.name) };
    });
    if (start === null) return null;
    const { found, before } = start;
    const slice = await step.call(shopId, found, before.after);
    const after = await withShop(shopId, (tx) => noteSlice(tx, { caseId, step, before, slice }));
    if (after !== null && isOver()) return 'more';
  }
}

type DoneSlice = { caseId: CaseId; step: Step; before: Progress; slice: Progress };

/** Where the next slice begins; null after the last, which leaves the receipt. */
async function noteSlice(tx: Tx, { caseId, step, before, slice }: DoneSlice): Promise<string | null> {
  const count = before.count + slice.count;
  if (slice.after === null) await leaveReceipt(tx, caseId, step, count);
  else await writeProgress(tx, caseId, { step: step.name, count, after: slice.after });
  return slice.after;
}

function leaveReceipt(tx: Tx, caseId: CaseId, step: Step, count: number): Promise<void> {
  return addReceipt(tx, caseId, { step: step.name, at: now().toISOString(), count });
}
