/** People of a test shop: let in with a role, and with a PIN where they need one. */
import { insertStaff, type Staff, writePinHash } from '#app/data/access/staff.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { Role } from '#app/domain/access/permissions.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { hashSecret } from '#app/lib/secret-hash.ts';

/** The PIN of everybody who has one in tests. */
export const testPin = '482915';

let hash: Promise<string> | undefined;

export type TestPerson = { userId: string; role: Role; locations?: string[] | null; hasPin?: boolean };

/** Lets a person in; an auditor for a day. */
export async function letIn(shopId: ShopId, person: TestPerson): Promise<Staff> {
  const { userId, role, locations = null, hasPin = false } = person;
  hash ??= hashSecret(testPin);
  const pinHash = await hash;
  const at = new Date();
  const expiresAt = role === 'auditor' ? new Date(at.getTime() + 86_400_000) : null;
  return withShop(shopId, async (tx) => {
    const staff = await insertStaff(tx, { userId, role, locations, expiresAt, addedBy: 'test', at });
    if (hasPin) await writePinHash(tx, staff.staffId, { before: null, after: pinHash, at });
    return staff;
  });
}
