/**
 * The pace at which all processes together call Google: one ring of calls per issuer, twenty in any second as Google counts
 * them. What somebody waits for may take slots ahead; bulk takes those that are left.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { finishCall, restRing, takeCall } from '#app/data/system/call-ring.ts';
import { Unavailable } from '#app/lib/errors.ts';

export type GoogleTurns = {
  /** Resolves when the call may be sent at once, with what to call as soon as it was answered or failed. */
  takeTurn: () => Promise<() => Promise<void>>;
  rest: (forMs: number) => Promise<void>;
};

const perSecond = 20;
/** Bulk looks two slots ahead, so that none is lost between its calls; who comes meanwhile waits for those two. */
const bulkAheadMs = 100;
/** When the next slot hangs on a call that is still under way, nobody knows how long: it is asked again. */
const askAgainMs = 40;

/**
 * Calls of one process ask one after the other, bulk and what somebody waits for each in a line of its own: more askers
 * would get no more slots.
 */
const lines = new Map<string, Promise<unknown>>();

/** Turns at one issuer. `patienceMs`: how long one turn may be waited for before `Unavailable` is thrown. */
export function googleTurns(
  issuerId: string,
  { isBulk, patienceMs }: { isBulk: boolean; patienceMs: number },
): GoogleTurns {
  const ring = `google:${issuerId}`;
  return {
    takeTurn: async () => {
      const endsAt = performance.now() + patienceMs;
      const { call, beginsAt, soonestAt } = await inLine(`${ring}:${isBulk}`, () => takeSlot({ ring, isBulk, endsAt }));
      const waitMs = beginsAt - performance.now();
      if (waitMs > 0) await delay(waitMs);
      return () => finish({ ring, call, soonestAt });
    },
    rest: (forMs) => restRing({ ring, perSecond }, forMs),
  };
}

async function inLine<T>(line: string, work: () => Promise<T>): Promise<T> {
  const mine = (lines.get(line) ?? Promise.resolve()).then(work);
  // Who comes next waits for this one, however it ends.
  lines.set(
    line,
    mine.catch(() => undefined),
  );
  return mine;
}

type WantedSlot = { ring: string; isBulk: boolean; endsAt: number };

type TakenSlot = {
  call: number;
  /** By this process's clock: surely begun at the one, surely not before the other. */
  beginsAt: number;
  soonestAt: number;
};

async function takeSlot({ ring, isBulk, endsAt }: WantedSlot): Promise<TakenSlot> {
  for (;;) {
    const leftMs = Math.max(0, endsAt - performance.now());
    const aheadMs = isBulk ? bulkAheadMs : leftMs;
    const askedAt = performance.now();
    const { call, waitMs } = await takeCall({ ring, perSecond, aheadMs });
    if (call !== null) return { call, beginsAt: performance.now() + waitMs, soonestAt: askedAt + waitMs };
    if (leftMs < askAgainMs || isAtRest(waitMs, leftMs)) {
      // A hand that gave up at once would take the next of fifty thousand, and give that up too.
      if (isBulk) await delay(leftMs);
      throw new Unavailable('google-wallet-behind', 'Google Wallet takes no more calls at the moment', {
        retryAfterMs: Math.ceil(waitMs),
      });
    }
    await delay(Math.min(Math.max(waitMs - aheadMs, 1), askAgainMs));
  }
}

/** No call takes this long: Google asked for rest, and patience will not see the end of it. */
function isAtRest(waitMs: number, leftMs: number): boolean {
  return waitMs > longestCallMs && waitMs > leftMs;
}
const longestCallMs = 16_000;

/** How long calls of this process took lately, from asking for a slot that begins at once to the answer. */
const spans: number[] = [];
const spansKept = 500;
/** So many tell how quick a call can be, give or take a little. */
const spansNeeded = 50;
const spansMarginMs = 10;

/** What a call took longer than the quickest one may have been lost on the way there. */
async function finish({ ring, call, soonestAt }: { ring: string; call: number; soonestAt: number }): Promise<void> {
  const spanMs = performance.now() - soonestAt;
  const quickestMs = spans.length < spansNeeded ? 0 : Math.max(0, Math.min(...spans) - spansMarginMs);
  spans.push(spanMs);
  if (spans.length > spansKept) spans.shift();
  // Not told, the call counts as under way for a while: slower, never faster.
  await finishCall({ ring, call, lateMs: spanMs - quickestMs }).catch(() => undefined);
}
