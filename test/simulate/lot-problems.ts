/** Whether what was earned ends by the calendar on the shop's wall, whoever has it by now. */
import type { World } from '#test/simulate/world.ts';
import type { TestSystem } from '#test/support/factories.ts';
import { endOf } from '#test/support/oracle/ages.ts';

type Lot = {
  order_id: string | null;
  created_at: Date;
  expires_at: Date | null;
  remaining: number;
};

/** Nothing is given back here, so that nothing has a time of grace. */
export async function lotProblems(played: { world: World; system: TestSystem; nowMs: number }): Promise<string[]> {
  const { world, system, nowMs } = played;
  const lots = await system.sql<Lot>(
    'select order_id, created_at, expires_at, remaining::int from lot where shop_id = $1',
    [world.shop.shopId],
  );
  const { expiry } = world.told.versions[0].settings;
  const soldAt = new Map(world.told.life.orders.map((order) => [order.id, order.soldAt]));
  return lots.flatMap((lot) => {
    const { order_id: orderId, remaining } = lot;
    const accruedMs = lot.created_at.getTime();
    const endMs = lot.expires_at?.getTime() ?? null;
    const earnedMs = soldAt.get(orderId ?? '') ?? accruedMs;
    // What slides ends so long after whatever was done last.
    const isEndRight = expiry.mode === 'sliding' || endMs === endOf(expiry, earnedMs, world.told.timeZone);
    const wrong = [
      accruedMs !== earnedMs && 'was earned at another time',
      !isEndRight && 'ends at another time',
      endMs !== null && endMs <= nowMs && remaining > 0 && 'is over and was not expired',
    ];
    return wrong.flatMap((what) => (what === false ? [] : [`a lot of ${orderId ?? 'an event'} ${what}`]));
  });
}
