/** The shop says where its tills stand, so that a card in two places at once is noticed. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import {
  deleteStorePlace,
  listStorePlaces,
  type StorePlace,
  writeStorePlace,
} from '#app/data/security/store-places.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

const placesMax = 200;
const nameMax = 100;

type Change = { shopId: ShopId; actor: string; locationId: string } & (
  { kind: 'remove' } | ({ kind: 'save' } & Omit<StorePlace, 'locationId'>)
);

/** Saves or removes one place. Safe to repeat. Throws `InvalidInput` that names what does not fit. */
export async function saveStorePlace({ shopId, actor, ...change }: Change): Promise<void> {
  const problem = problemOf(change);
  if (problem !== null) throw new InvalidInput('store-place', 'A place was refused', { publicMessage: problem });
  await withShop(shopId, async (tx) => {
    const places = await listStorePlaces(tx);
    const before = places.find(({ locationId }) => locationId === change.locationId);
    if (before === undefined && change.kind === 'save' && places.length >= placesMax)
      throw new InvalidInput('store-place', 'Too many places', {
        publicMessage: `There are ${placesMax} places already.`,
      });
    const at = now();
    const after = await carryOut(tx, change, at);
    await appendAudit(tx, {
      actor,
      action: `security.${change.kind}-place`,
      object: `location:${change.locationId}`,
      beforeHash: before === undefined ? null : fingerprint(before),
      afterHash: after === null ? null : fingerprint(after),
      reason: null,
      occurredAt: at,
    });
  });
}

type Asked = Pick<Change, 'locationId'> & ({ kind: 'remove' } | ({ kind: 'save' } & Omit<StorePlace, 'locationId'>));

async function carryOut(tx: Tx, change: Asked, at: Date): Promise<StorePlace | null> {
  if (change.kind === 'remove') {
    await deleteStorePlace(tx, change.locationId);
    return null;
  }
  const { locationId, name, latitude, longitude } = change;
  await writeStorePlace(tx, { locationId, name, latitude, longitude }, at);
  return { locationId, name, latitude, longitude };
}

function problemOf(change: Asked): string | null {
  if (!/^\d{1,20}$/.test(change.locationId)) return 'The id of a location is a number, as Shopify shows it.';
  if (change.kind === 'remove') return null;
  if (change.name.trim() === '' || change.name.length > nameMax) return 'Give the place a name.';
  if (!(Math.abs(change.latitude) <= 90)) return 'A latitude lies between -90 and 90.';
  return Math.abs(change.longitude) <= 180 ? null : 'A longitude lies between -180 and 180.';
}
