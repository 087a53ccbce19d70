/** Cards that are on phones, and what happens to them: changed, seen, left waiting. */
import { markSeen } from '#app/data/cards/freshness.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { MemberId, PassId, ShopId } from '#app/lib/ids.ts';
import { makeMember, type TestShop, type TestSystem } from '#test/support/factories.ts';

export type PhoneCard = { shopId: ShopId; passId: PassId; memberId: MemberId };

/** A member whose card is on a phone and up to date. */
export async function putOnPhone(system: TestSystem, shop: TestShop): Promise<PhoneCard> {
  const { memberId } = await makeMember(shop);
  const [row] = await system.sql<{ id: PassId }>(
    'update pass set seen_version = version, seen_at = now() where member_id = $1 returning id',
    [memberId],
  );
  if (row === undefined) throw new Error('the member has no card');
  await system.sql(
    `insert into device_registration (shop_id, pass_id, device_library_identifier, push_token, registered_at, token_at)
     values ($1, $2, gen_random_uuid()::text, '\\x00', now(), now())`,
    [shop.shopId, row.id],
  );
  return { shopId: shop.shopId, passId: row.id, memberId };
}

/** The card changes. */
export function touch({ shopId, memberId }: PhoneCard): Promise<void> {
  return withShop(shopId, (tx) => touchPasses(tx, [memberId]));
}

/** The phone is known to hold a version. */
export function see({ shopId, passId }: PhoneCard, version: number): Promise<void> {
  return withShop(shopId, (tx) => markSeen(tx, passId, { version, at: new Date() }));
}

/** The card has been behind for so long. */
export async function letWait(system: TestSystem, { passId }: PhoneCard, seconds: number): Promise<void> {
  await system.sql(
    `update pass set stale_since = clock_timestamp() - make_interval(secs => $2), changed_at = clock_timestamp()
     where id = $1`,
    [passId, seconds],
  );
}
