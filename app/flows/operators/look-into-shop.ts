/** An operator is about to see something of a shop: whether they may, and the record of it, before anything is read. */
import { listAccessOf, type SupportAccess } from '#app/data/access/support-access.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { SupportScope } from '#app/domain/access/support-access.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden, Unauthenticated } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';

export type Look = {
  shopId: ShopId;
  operator: string;
  scope: SupportScope;
  /** What will be seen, as 'member:<id>' or 'members'. */
  object: string;
};

/**
 * Writes into the shop's audit chain who looks at what and why, and answers under which access. Throws `Forbidden` without
 * access, or once the merchant ended it or a grant ran out, and `Unauthenticated` once an emergency's time is over: then the
 * operator shows anew who they are.
 */
export async function lookIntoShop({ shopId, operator, scope, object }: Look): Promise<SupportAccess> {
  const at = now();
  return withShop(shopId, async (tx) => {
    const known = await listAccessOf(tx, operator);
    const open = known.filter(({ endedAt, expiresAt }) => endedAt === null && expiresAt > at);
    const access = open.find(({ scopes }) => scopes.includes(scope));
    if (access === undefined) {
      log.security('access refused', { code: 'support-access', shopId });
      throw refusal(open.length > 0, known[0]);
    }
    await appendAudit(tx, {
      actor: `operator:${operator}`,
      action: 'support.read',
      object,
      beforeHash: null,
      afterHash: null,
      reason: access.reason,
      occurredAt: at,
    });
    return access;
  });
}

function refusal(isOtherScope: boolean, newest: SupportAccess | undefined): Forbidden | Unauthenticated {
  if (isOtherScope)
    return new Forbidden('support-scope', 'An operator has no access to this part of a shop', {
      publicMessage: 'Your access does not cover this part of the shop.',
    });
  if (newest?.kind === 'break-glass' && newest.endedAt === null)
    return new Unauthenticated('break-glass-over', 'An emergency access is over', {
      publicMessage: 'Your access to this shop is over. Open it anew with a reason and a fresh code.',
    });
  return new Forbidden('no-support-access', 'An operator has no access to a shop', {
    publicMessage: 'You have no access to this shop. Open it with a reason, or ask the merchant to let you in.',
  });
}
