/** People, roles, masking, and who can still get in. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { withShop } from '#app/data/tenancy.ts';
import { addStaff } from '#app/flows/access/add-staff.ts';
import { admitStaff } from '#app/flows/access/admit-staff.ts';
import { changeAccessSettings } from '#app/flows/access/change-access-settings.ts';
import { changeStaff } from '#app/flows/access/change-staff.ts';
import { clearPin } from '#app/flows/access/clear-pin.ts';
import { removeStaff } from '#app/flows/access/remove-staff.ts';
import { unmaskMember } from '#app/flows/access/unmask-member.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { listMembers } from '#app/queries/list-members.ts';
import { memberDetail } from '#app/queries/member-detail.ts';
import { accessReviewCsv, staffPage } from '#app/queries/staff-page.ts';
import { signAccessReview } from '#app/flows/access/sign-access-review.ts';
import { writeProfile } from '#app/data/members/profiles.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { letIn } from '#test/support/staff.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let system: TestSystem;
let shop: TestShop;
let other: TestShop;
beforeAll(async () => {
  system = await openTestSystem('stampwell_web');
});
afterAll(() => system.close());
beforeEach(async () => {
  setClockOffsetMs(0);
  shop = await makeShop();
  other = await makeShop();
});
afterEach(() => setClockOffsetMs(0));

const actor = 'staff:1';
const hourMs = 3_600_000;

const auditOf = async (shopId: ShopId) =>
  system.sql<{ actor: string; action: string; object: string; reason: string | null; hashes: boolean }>(
    `select actor, action, object, reason, before_hash is not null or after_hash is not null as hashes
     from audit_record where shop_id = $1 order by sequence`,
    [shopId],
  );

const unchanged = { locations: null, isLocked: false, expiresAt: null, name: null, reason: null };

describe('opening the app', () => {
  it('L03 makes the first person the owner, also of twenty at once, and everybody else what the shop chose', async () => {
    const { shopId } = shop;
    const userIds = Array.from({ length: 20 }, (_, index) => String(index + 1));
    const admitted = await Promise.all([...userIds, ...userIds].map((userId) => admitStaff({ shopId, userId })));
    const { people } = await staffPage(shopId);
    expect(people.map(({ role }) => role).filter((role) => role === 'owner')).toEqual(['owner']);
    expect(people).toHaveLength(20);
    expect(new Set(people.map(({ number }) => number)).size).toBe(20);
    expect(new Set(admitted.map(({ staffId }) => staffId)).size).toBe(20);
    expect((await auditOf(shopId)).filter(({ action }) => action === 'staff.join')).toHaveLength(20);
    const settings = { defaultRole: 'support' as const, isTillOpen: true, tillCostMax: null, apiCostMax: null };
    await changeAccessSettings({ shopId, actor, settings });
    expect(await admitStaff({ shopId, userId: '99' })).toMatchObject({ role: 'support' });
    expect(await admitStaff({ shopId, userId: '99' })).toMatchObject({ role: 'support' });
  });

  it('L03 ends at once for who is locked out, and with the day for an auditor', async () => {
    const { shopId } = shop;
    await letIn(shopId, { userId: '1', role: 'owner' });
    const { staffId } = await letIn(shopId, { userId: '2', role: 'manager' });
    await letIn(shopId, { userId: '3', role: 'auditor' });
    await changeStaff({ shopId, staffId, actor, ...unchanged, role: 'manager', isLocked: true });
    await expect(admitStaff({ shopId, userId: '2' })).rejects.toMatchObject({ code: 'staff-locked' });
    expect(await admitStaff({ shopId, userId: '3' })).toMatchObject({ role: 'auditor' });
    setClockOffsetMs(24 * hourMs - 60_000);
    expect(await admitStaff({ shopId, userId: '3' })).toMatchObject({ role: 'auditor' });
    setClockOffsetMs(24 * hourMs + 60_000);
    await expect(admitStaff({ shopId, userId: '3' })).rejects.toMatchObject({ code: 'access-ended' });
  });
});

describe('the last owner', () => {
  it('L03 can be neither removed nor given another role, nor can two give up each other at once', async () => {
    const { shopId } = shop;
    const first = await letIn(shopId, { userId: '1', role: 'owner' });
    const go = (staffId: string) => changeStaff({ shopId, staffId, actor, ...unchanged, role: 'viewer' });
    await expect(go(first.staffId)).rejects.toMatchObject({ code: 'last-owner' });
    await expect(removeStaff({ shopId, staffId: first.staffId, actor, reason: null })).rejects.toMatchObject({
      code: 'last-owner',
    });
    const second = await letIn(shopId, { userId: '2', role: 'owner' });
    const outcomes = await Promise.allSettled([go(first.staffId), go(second.staffId)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await staffPage(shopId)).people.filter(({ role }) => role === 'owner')).toHaveLength(1);
  });

  it('L03 has no end and no lock, also past our own code', async () => {
    const { staffId } = await letIn(shop.shopId, { userId: '1', role: 'owner' });
    for (const change of ['is_locked = true', 'expires_at = now()', "role = 'auditor'"])
      await expect(system.sql(`update shop_staff set ${change} where id = $1`, [staffId])).rejects.toThrow(/check/);
  });
});

describe('changing people', () => {
  it('L05 leaves a record with actor, object, reason and hashes for every change', async () => {
    const { shopId } = shop;
    const { staffId } = await addStaff({ shopId, actor, userId: '5', name: 'Zwetschge', role: 'support', locations: ['7'], expiresAt: null }); // prettier-ignore
    await changeStaff({ shopId, staffId, actor, ...unchanged, role: 'manager', reason: 'Covers for Ben' });
    await changeStaff({ shopId, staffId, actor, ...unchanged, role: 'manager', isLocked: true });
    await changeStaff({ shopId, staffId, actor, ...unchanged, role: 'manager' });
    await clearPin({ shopId, staffId, actor });
    await removeStaff({ shopId, staffId, actor, reason: 'Left' });
    const settings = { defaultRole: 'viewer' as const, isTillOpen: false, tillCostMax: 5, apiCostMax: null };
    await changeAccessSettings({ shopId, actor, settings });
    expect((await auditOf(shopId)).map(({ action, reason, hashes }) => [action, reason, hashes])).toEqual([
      ['staff.add', 'support', true],
      ['staff.role', 'Covers for Ben', true],
      ['staff.lock', null, true],
      ['staff.unlock', null, true],
      ['staff.remove', 'Left', true],
      ['access.settings', null, true],
    ]);
    expect((await auditOf(shopId)).every((record) => record.actor === actor)).toBe(true);
  });

  it('L02 keeps the name that an owner gives somebody sealed', async () => {
    const name = 'Quirinia Zwetschgenbaum';
    await addStaff({ shopId: shop.shopId, actor, userId: '5', name, role: 'viewer', locations: null, expiresAt: null });
    expect((await staffPage(shop.shopId)).people[0]?.name).toBe(name);
    expect(await findInDatabase(system, [name, 'Zwetschgenbaum'])).toEqual([]);
  });

  it('C06 refuses what makes no sense, with a word for the field', async () => {
    const add = (part: object) =>
      addStaff({ shopId: shop.shopId, actor, userId: '5', name: null, role: 'viewer', locations: null, expiresAt: null, ...part }); // prettier-ignore
    const far = new Date(Date.now() + 400 * 24 * hourMs);
    for (const [part, path] of [
      [{ role: 'auditor' }, 'expiresAt'],
      [{ role: 'auditor', expiresAt: far }, 'expiresAt'],
      [{ role: 'owner', expiresAt: far }, 'expiresAt'],
      [{ expiresAt: new Date(Number.NaN) }, 'expiresAt'],
      [{ locations: ['x'] }, 'locations'],
      [{ userId: 'x; drop table' }, 'userId'],
    ] as const)
      await expect(add(part)).rejects.toMatchObject({ issues: [{ path }] });
    await add({});
    await expect(add({})).rejects.toMatchObject({ code: 'staff-known' });
  });

  it('W13 of another shop is not possible, and its people are unknown here', async () => {
    const mine = await letIn(shop.shopId, { userId: '1', role: 'owner' });
    await letIn(other.shopId, { userId: '9', role: 'owner' });
    const asked = { shopId: other.shopId, staffId: mine.staffId, actor };
    await expect(changeStaff({ ...asked, ...unchanged, role: 'viewer' })).rejects.toMatchObject({
      code: 'staff-not-found',
    });
    await expect(removeStaff({ ...asked, reason: null })).rejects.toMatchObject({ code: 'staff-not-found' });
    await expect(clearPin(asked)).rejects.toMatchObject({ code: 'staff-not-found' });
    expect(await admitStaff({ shopId: other.shopId, userId: '1' })).toMatchObject({ role: 'viewer' });
    expect((await staffPage(shop.shopId)).people).toHaveLength(1);
  });
});

describe('the access review', () => {
  it('O keeps who had which role and last use as it was when it was signed, and is due again after a quarter', async () => {
    const { shopId } = shop;
    await admitStaff({ shopId, userId: '1' });
    expect((await staffPage(shopId)).isReviewDue).toBe(true);
    await signAccessReview({ shopId, actor, note: 'All as it should be' });
    const page = await staffPage(shopId);
    expect(page).toMatchObject({
      isReviewDue: false,
      reviews: [{ people: 1, note: 'All as it should be', signedBy: actor }],
    });
    await expect(withShop(shopId, (tx) => tx.query("update access_review set note = ''", []))).rejects.toThrow(
      /denied/,
    );
    await letIn(shopId, { userId: '2', role: 'viewer', locations: [] });
    expect((await staffPage(shopId)).reviews[0]?.people).toBe(1);
    setClockOffsetMs(93 * 24 * hourMs);
    expect((await staffPage(shopId)).isReviewDue).toBe(true);
    const lines = (await accessReviewCsv(shopId)).trim().split('\r\n');
    expect(lines[0]).toMatch(/^Shopify user,Role,/);
    expect(lines[1]).toMatch(/^1,owner,everywhere,no,,no,.+,staff:1,20.+Z$/);
    expect(lines[2]).toMatch(/^2,viewer,,no,,no,.+,test,$/);
  });
});

describe('K01 personal data', () => {
  const person = { name: 'Quirinius Zwetschgenbaum', email: 'quirinius@example.com', phone: '+4915799887766' };
  let memberId: string;
  beforeEach(async () => {
    const made = await makeMember(shop);
    memberId = made.memberId;
    await withShop(shop.shopId, (tx) => writeProfile(tx, made.memberId, person));
  });

  it('K01 is masked in lists and details, and still found by the whole address', async () => {
    const listed = await listMembers(shop.shopId, { limit: 10 });
    const found = await listMembers(shop.shopId, { limit: 10, search: person.email });
    const { member } = await memberDetail(shop.shopId, memberId, {});
    const masked = { nameMasked: 'Q••• Z•••', emailMasked: 'q•••@e•••.com', phoneMasked: '••• 66' };
    expect(found.members).toMatchObject([{ memberId, ...masked }]);
    expect(member).toMatchObject(masked);
    const told = JSON.stringify([listed, found, await memberDetail(shop.shopId, memberId, {})]);
    for (const text of ['Quirinius', 'Zwetschgenbaum', 'quirinius@', '99887766']) expect(told).not.toContain(text);
  });

  it('K01 is shown in full only with a reason, which stands in the audit log with the name of who asked', async () => {
    const asked = { shopId: shop.shopId, memberId, actor: 'staff:4' };
    for (const reason of ['', '   ', 'why'])
      await expect(unmaskMember({ ...asked, reason })).rejects.toMatchObject({ code: 'reason-missing' });
    expect(await auditOf(shop.shopId)).not.toContainEqual(expect.objectContaining({ action: 'member.unmask' }));
    expect(await unmaskMember({ ...asked, reason: 'They called about a stamp' })).toEqual(person);
    expect((await auditOf(shop.shopId)).at(-1)).toMatchObject({
      actor: 'staff:4',
      action: 'member.unmask',
      object: `member:${memberId}`,
      reason: 'They called about a stamp',
    });
  });

  it('K01 of another shop’s member is shown to nobody, and leaves no record', async () => {
    const asked = { shopId: other.shopId, memberId, actor, reason: 'They called about a stamp' };
    await expect(unmaskMember(asked)).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await auditOf(other.shopId)).not.toContainEqual(expect.objectContaining({ action: 'member.unmask' }));
  });
});
