/** The merchant accepts the agreement, or says what they have against it. */
import { acceptForShop, announceToShop, objectForShop, readShopAgreements } from '#app/data/privacy/agreements.ts';
import { newestAgreement } from '#app/data/system/agreement-versions.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

const objectionMax = 2_000;

type Answer = { shopId: ShopId; version: number; actor: string };

/** Accepts a version; a version that is not the newest is refused, so that nobody accepts what they did not read. Safe to repeat. */
export async function acceptAgreement({ shopId, version, actor }: Answer): Promise<void> {
  await demandNewest(version);
  await withShop(shopId, async (tx) => {
    const at = now();
    await announceToShop(tx, version, at);
    if (await acceptForShop(tx, version, { actor, at }))
      await note(tx, { action: 'agreement.accept', actor, version, reason: null });
  });
}

/** Keeps an objection against the newest version. Throws `InvalidInput` when it says nothing or was accepted already. */
export async function objectToAgreement({
  shopId,
  version,
  actor,
  objection,
}: Answer & { objection: string }): Promise<void> {
  const text = objection.trim();
  if (text === '' || text.length > objectionMax)
    throw new InvalidInput('bad-objection', 'An objection says nothing or too much', {
      publicMessage: `Say what you object to, in at most ${objectionMax} characters.`,
    });
  await demandNewest(version);
  await withShop(shopId, async (tx) => {
    const at = now();
    await announceToShop(tx, version, at);
    if (!(await objectForShop(tx, version, { actor, at, objection: text })))
      throw new InvalidInput('agreement-accepted', 'An accepted agreement was objected to', {
        publicMessage: 'This version was accepted already.',
      });
    await note(tx, { action: 'agreement.object', actor, version, reason: text });
  });
}

/** Whether the shop accepted a version that counts now. */
export async function hasAgreed(shopId: ShopId): Promise<boolean> {
  const newest = await newestAgreement();
  if (newest === null) return true;
  const told = await withShop(shopId, readShopAgreements);
  const accepted = told.find(({ acceptedAt }) => acceptedAt !== null);
  if (accepted === undefined) return false;
  // The one before still counts while the newest is only announced.
  return accepted.version === newest.number || newest.countsFrom > now();
}

async function demandNewest(version: number): Promise<void> {
  const newest = await newestAgreement();
  if (newest?.number !== version)
    throw new NotFound('agreement-not-current', 'A version that is not the newest was answered', {
      publicMessage: 'There is a newer version of the agreement. Please read that one.',
    });
}

async function note(
  tx: Tx,
  { action, actor, version, reason }: { action: string; actor: string; version: number; reason: string | null },
): Promise<void> {
  await appendAudit(tx, {
    actor,
    action,
    object: `agreement:${version}`,
    beforeHash: null,
    afterHash: fingerprint({ version }),
    reason,
    occurredAt: now(),
  });
}
