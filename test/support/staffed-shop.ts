/** A shop with a person of every role, and something behind every address of the admin. */
import { randomUUID } from 'node:crypto';

import { insertStaff, writePinHash } from '#app/data/access/staff.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type Role, roles } from '#app/domain/access/permissions.ts';
import { newCampaign } from '#app/domain/campaigns/new-campaign.ts';
import { openIncident } from '#app/flows/security/open-incident.ts';
import { hashSecret } from '#app/lib/secret-hash.ts';
import { authorize, type ExtensionRig } from '#test/support/extensions.ts';
import { makeMember, makeShop, type TestShop } from '#test/support/factories.ts';
import { give } from '#test/support/rewards.ts';

export const userIds: Record<Role, string> = {
  owner: '1',
  manager: '2',
  marketer: '3',
  support: '4',
  viewer: '5',
  auditor: '6',
};
const pin = '482915';

/** `params` are those of the addresses; everybody's PIN is 482915. */
export async function openStaffedShop(rig: ExtensionRig): Promise<{ shop: TestShop; params: Record<string, string> }> {
  const shop = await makeShop();
  await authorize(rig.shopify, shop);
  const hash = await hashSecret(pin);
  await withShop(shop.shopId, async (tx) => {
    for (const role of roles) {
      const expiresAt = role === 'auditor' ? new Date(Date.now() + 86_400_000) : null;
      const asked = { userId: userIds[role], role, locations: null, expiresAt, addedBy: 'test', at: new Date() };
      const { staffId } = await insertStaff(tx, asked);
      await writePinHash(tx, staffId, { before: null, after: hash, at: new Date() });
    }
  });
  const { memberId } = await makeMember(shop, { name: 'Ada' });
  await give(shop.shopId, memberId, 'points', 20);
  const campaignId = randomUUID();
  const content = { ...newCampaign(new Date(), 'UTC'), name: 'News', text: 'Hello' };
  await rig.system.sql(
    `insert into campaign (shop_id, id, program_id, content, created_by, created_at, updated_at)
     values ($1, $2, $3, $4, 'test', now(), now())`,
    [shop.shopId, campaignId, shop.programId, JSON.stringify(content)],
  );
  const found = { shopId: shop.shopId, actor: 'staff:1', severity: 'high', description: 'A drill' } as const;
  const { incidentId } = await openIncident(found);
  return { shop, params: { memberId, campaignId, incidentId, number: '1', step: 'template' } };
}
