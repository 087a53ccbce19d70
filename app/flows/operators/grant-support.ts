/** A merchant lets the platform's support look into the shop, for a while. */
import { insertSupportAccess } from '#app/data/access/support-access.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type AskedAccess, type SupportScope, supportProblems } from '#app/domain/access/support-access.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Grants access to whichever operator comes. Repeating it grants once more. Throws `InvalidInput` that names what does not fit. */
export async function grantSupport(asked: { shopId: ShopId; actor: string; access: AskedAccess }): Promise<string> {
  const { shopId, actor, access } = asked;
  const issues = supportProblems(access, 'grant');
  if (issues.length > 0)
    throw new InvalidInput('bad-access', 'Support cannot be let in like that', {
      publicMessage: 'Support cannot be let in like that.',
      issues,
    });
  return withShop(shopId, async (tx) => {
    const at = now();
    const given = {
      scopes: [...new Set(access.scopes)] as SupportScope[],
      expiresAt: new Date(at.getTime() + access.minutes * 60_000),
    };
    const grant = {
      ...given,
      kind: 'grant',
      operator: null,
      reason: access.reason,
      openedBy: actor,
      openedAt: at,
    } as const;
    const accessId = await insertSupportAccess(tx, grant);
    await appendAudit(tx, {
      actor,
      action: 'support.grant',
      object: `support-access:${accessId}`,
      beforeHash: null,
      afterHash: fingerprint(given),
      reason: access.reason,
      occurredAt: at,
    });
    return accessId;
  });
}
