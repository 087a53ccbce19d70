/** Many phones without the phones: members, passes and registrations written straight into the database. */
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { newId, newSerial, type PassId } from '#app/lib/ids.ts';
import { seal } from '#app/lib/sealed-box.ts';
import type { TestShop } from '#test/support/factories.ts';

export type ManyDevices = { passIds: string[]; serials: string[]; pushTokens: string[] };

const rowsMax = 2_000;
let nextDevice = Date.now() % 1_000_000;

/** So many members of the shop's program, each with an Apple pass that one device carries. Their passes were seen. */
export async function makeDevices(shop: TestShop, count: number): Promise<ManyDevices> {
  const made: ManyDevices = { passIds: [], serials: [], pushTokens: [] };
  for (let done = 0; done < count; done += rowsMax) {
    const slice = Array.from({ length: Math.min(rowsMax, count - done) }, () => {
      nextDevice += 1;
      const device = nextDevice.toString(16).padStart(32, '0');
      const pushToken = nextDevice.toString(16).padStart(64, 'a');
      return { memberId: newId(), passId: newId<PassId>(), serial: newSerial(), device, pushToken };
    });
    await withShop(shop.shopId, async (tx) => {
      const keys = await readShopKeys(tx);
      const members = slice.map(({ memberId }) => memberId);
      const passes = slice.map(({ passId }) => passId);
      await tx.query(
        `insert into member (shop_id, id, program_id, card_id, enrolled_at, enrolled_via)
         select $1, id, $2, id::text, now(), 'api' from unnest($3::uuid[]) id`,
        [shop.shopId, shop.programId, members],
      );
      await tx.query(
        `insert into pass (shop_id, id, member_id, wallet, serial, announced_version, seen_version)
         select $1, u.id, u.member, 'apple', u.serial, 1, 1 from unnest($2::uuid[], $3::uuid[], $4::text[]) as u (id, member, serial)`,
        [shop.shopId, passes, members, slice.map(({ serial }) => serial)],
      );
      const sealed = slice.map(({ passId, device, pushToken }) =>
        seal(keys, { table: 'device_registration', column: 'push_token', row: `${passId}/${device}` }, pushToken),
      );
      await tx.query(
        `insert into device_registration (shop_id, pass_id, device_library_identifier, push_token, registered_at, token_at, last_pushed_version)
         select $1, u.pass, u.device, u.token, now(), now(), 1 from unnest($2::uuid[], $3::text[], $4::bytea[]) as u (pass, device, token)`,
        [shop.shopId, passes, slice.map(({ device }) => device), sealed],
      );
    });
    made.passIds.push(...slice.map(({ passId }) => passId));
    made.serials.push(...slice.map(({ serial }) => serial));
    made.pushTokens.push(...slice.map(({ pushToken }) => pushToken));
  }
  return made;
}
