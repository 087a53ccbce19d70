/** An operator opens a shop by themselves, in an emergency, with a reason. The merchant sees who, why and how long, and can end it. */
import { endSupportAccess, insertSupportAccess } from '#app/data/access/support-access.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type AskedAccess, type SupportScope, supportProblems } from '#app/domain/access/support-access.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Opens a shop for one operator. Repeating it opens it once more. Throws `InvalidInput` that names what does not fit. */
export async function openShop(asked: { shopId: ShopId; operator: string; access: AskedAccess }): Promise<string> {
  const { shopId, operator, access } = asked;
  const issues = supportProblems(access, 'break-glass');
  if (issues.length > 0)
    throw new InvalidInput('bad-access', 'A shop cannot be opened like that', {
      publicMessage: issues.map(({ message }) => message).join(' '),
      issues,
    });
  return withShop(shopId, async (tx) => {
    const at = now();
    const opened = {
      scopes: [...new Set(access.scopes)] as SupportScope[],
      expiresAt: new Date(at.getTime() + access.minutes * 60_000),
    };
    const actor = `operator:${operator}`;
    const accessId = await insertSupportAccess(tx, {
      ...opened,
      kind: 'break-glass',
      operator,
      reason: access.reason,
      openedBy: actor,
      openedAt: at,
    });
    await appendAudit(tx, {
      actor,
      action: 'support.break-glass',
      object: `support-access:${accessId}`,
      beforeHash: null,
      afterHash: fingerprint(opened),
      reason: access.reason,
      occurredAt: at,
    });
    return accessId;
  });
}

/** Ends an operator's access or a grant, by the merchant or the operator. Throws `NotFound`, also when it is over already. */
export async function closeShop(asked: { shopId: ShopId; accessId: string; actor: string }): Promise<void> {
  const { shopId, accessId, actor } = asked;
  await withShop(shopId, async (tx) => {
    const at = now();
    const ended = await endSupportAccess(tx, accessId, { at, by: actor });
    if (ended === null)
      throw new NotFound('support-access-not-found', 'No such access', {
        publicMessage: 'This access is over already.',
      });
    await appendAudit(tx, {
      actor,
      action: 'support.end',
      object: `support-access:${accessId}`,
      beforeHash: fingerprint({ scopes: ended.scopes, expiresAt: ended.expiresAt }),
      afterHash: null,
      reason: null,
      occurredAt: at,
    });
  });
}
