/** How fast one client may call, counted for the whole fleet. */
import { takeTokens } from '#app/data/system/token-bucket.ts';

export type ApiSlot = { isAllowed: boolean; remaining: number; resetSeconds: number; waitMs: number };

/**
 * Takes one call out of a client's second: so many at once, and then as many a second. A call that is refused takes nothing.
 * Throws `Unavailable`.
 */
export async function takeApiSlot(clientId: string, perSecond: number): Promise<ApiSlot> {
  const taken = await takeTokens({ bucket: `api/${clientId}`, perSecond, burst: perSecond, wanted: 1 });
  const slotMs = 1_000 / perSecond;
  if (taken.granted === 0) return { isAllowed: false, remaining: 0, resetSeconds: 1, waitMs: taken.waitMs };
  // A slot further down the line only means that those before it are taken.
  const used = Math.round(taken.waitMs / slotMs) + 1;
  const resetSeconds = Math.max(1, Math.ceil((taken.waitMs + slotMs) / 1_000));
  return { isAllowed: true, remaining: Math.max(0, perSecond - used), resetSeconds, waitMs: 0 };
}
