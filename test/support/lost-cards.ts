/** Arrangement for tests about cards that are shared, lost, frozen and replaced. */
import { cardNoteName } from '#app/contracts/card-note.ts';
import { regeneratePass } from '#app/flows/cards/regenerate-pass.ts';
import { syncGooglePass } from '#app/flows/cards/sync-google-pass.ts';
import { deliver, drain, orderBody, type TestShop, type TestSystem } from '#test/support/factories.ts';

/** The token in the address of a card's page. */
export const tokenOf = (cardUrl: string): string => cardUrl.split('/').at(-1) ?? '';

export type KeptPass = { id: string; serial: string; wallet: string; state: string };

/** A member's passes, oldest first. */
export function passesOf(system: TestSystem, memberId: string): Promise<KeptPass[]> {
  return system.sql<KeptPass>(
    'select id, serial, wallet, state from pass where member_id = $1 order by created_at, wallet, id',
    [memberId],
  );
}

/** What the workers do after a card changed: announce it, and tell Google. */
export async function tellWallets(system: TestSystem, shop: TestShop, memberId: string): Promise<void> {
  for (const { id: passId, wallet } of await passesOf(system, memberId)) {
    const asked = { shopId: shop.shopId, passId, isBulk: false };
    await regeneratePass(asked);
    if (wallet === 'google') await syncGooglePass(asked);
  }
}

/** The actions on a member's card that the audit chain knows, oldest first. */
export async function cardAuditOf(system: TestSystem, memberId: string): Promise<string[]> {
  const rows = await system.sql<{ action: string; actor: string; reason: string }>(
    `select action, actor, reason from audit_record where object = $1 and action like 'card.%' order by sequence`,
    [`member:${memberId}`],
  );
  return rows.map(({ action, actor, reason }) => `${action} by ${actor}: ${reason}`);
}

/** An order that carries a card's code, as the till notes it. */
export const saleWith = (code: string, at = new Date()): Record<string, unknown> =>
  orderBody({
    note_attributes: [{ name: cardNoteName, value: code }],
    created_at: at.toISOString(),
    processed_at: at.toISOString(),
    updated_at: at.toISOString(),
  });

/** Tells of a paid order and settles it. */
export async function sellAt(shop: TestShop, body: Record<string, unknown>): Promise<void> {
  await deliver(shop, 'orders/paid', body);
  await drain(shop);
}
