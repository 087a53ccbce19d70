import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readCandidates } from '#app/data/campaigns/candidates.ts';
import { addWaiting, dropNextWaiting, hideNews } from '#app/data/campaigns/recipients.ts';
import { takeBulkPushes } from '#app/data/cards/bulk-pushes.ts';
import { touchProgramPasses } from '#app/data/cards/passes.ts';
import { findMembersExpiringBetween } from '#app/data/ledger/expiring.ts';
import { verifyEntries } from '#app/data/ledger/entry-audit.ts';
import { verifyBalances } from '#app/data/ledger/ledger-audit.ts';
import { listHoldingMembers } from '#app/data/ledger/liability-members.ts';
import { listMembersAfter } from '#app/data/members/members.ts';
import { listBirthdays } from '#app/data/members/profiles.ts';
import { listOrderIds } from '#app/data/orders/orders.ts';
import { listAuditEntries } from '#app/data/privacy/audit-records.ts';
import { type Step, runStep } from '#app/data/privacy/case-steps.ts';
import { listMemberIds } from '#app/data/privacy/shop-erasure-steps.ts';
import { resealSlice, sealedTableCount } from '#app/data/shops/resealing.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { type CampaignId, type CaseId, type MemberId, newId } from '#app/lib/ids.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { startOne } from '#test/support/campaigns.ts';
import { casesOf, openCase } from '#test/support/privacy.ts';
import { keptPlan, statementsOf } from '#test/support/statements.ts';

const dataDirectory = path.join(import.meta.dirname, '..', '..', 'app', 'data');

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
  await makeMember(shop);
});
afterAll(() => system.close());

const somebody = newId<MemberId>();
const at = new Date();
const noFilter = { actor: null, action: null, object: null, from: null, until: null };
const everybody = { audience: { kind: 'everybody' }, purpose: 'marketing' } as never;

/** Every walk over something that grows with a shop, in the middle of it. */
const walks: Record<string, (tx: Tx) => Promise<unknown>> = {
  'the list of members': (tx) =>
    listMembersAfter(tx, { enrolledAt: at, memberId: somebody }, { limit: 50, programIds: null }),
  birthdays: (tx) => listBirthdays(tx, somebody, 500),
  'entries to verify': (tx) => verifyEntries(tx, { after: '1', limit: 2_000 }),
  'balances to verify': (tx) => verifyBalances(tx, { after: somebody, limit: 2_000 }),
  'members with their holdings': (tx) => listHoldingMembers(tx, { programId: null, after: somebody, limit: 1_000, at }),
  'cards to redraw': (tx) =>
    touchProgramPasses(tx, { programId: shop.programId, after: somebody, limit: 500, buckets: null }),
  'members to erase': (tx) => listMemberIds(tx, somebody, 500),
  'orders to cut loose': (tx) => listOrderIds(tx, '1', 2_000),
  'devices in line': (tx) => takeBulkPushes(tx, { after: somebody as never, limit: 1_000, holdMs: 1_000 }),
  'the audience of a campaign': (tx) =>
    readCandidates(tx, { programId: shop.programId, content: everybody, at, after: somebody, limit: 200 }),
  'cards a message leaves': (tx) => hideNews(tx, newId<CampaignId>(), { after: somebody, limit: 500 }),
  'the audit log': (tx) => listAuditEntries(tx, noFilter, { before: 10, limit: 1_000 }),
  'what is about to expire': (tx) =>
    findMembersExpiringBetween(tx, shop.programId, {
      from: at,
      to: at,
      after: { expiresAt: at.toISOString(), lotId: '1' },
      limit: 500,
    }),
  'profiles to seal again': (tx) => resealSlice(tx, { table: 1, after: [somebody], limit: 200 }),
};

describe('a shop of very many members', () => {
  it.each(Object.keys(walks))('is walked through from where the last page ended: %s', async (name) => {
    const statements = await statementsOf(shop.shopId, (tx) => walks[name]?.(tx) ?? Promise.resolve());
    const paged = statements.filter(({ text }) => /[<>] \(?coalesce\(/i.test(text));
    expect(paged.length).toBeGreaterThan(0);
    for (const statement of paged) {
      const plan = await keptPlan(system, statement);
      expect(plan).toMatch(/Index Cond: .*COALESCE/);
      expect(plan).not.toMatch(/Filter: .*(id|sequence)\)? [<>] \(?COALESCE/);
      expect(plan).not.toContain('hashed SubPlan');
    }
  });

  it('is asked nowhere, row by row, whether a page begins at all', () => {
    const files = readdirSync(dataDirectory, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('generated') && name !== 'page-bounds.ts',
    );
    const asking = files.filter((name) =>
      /\$\d+(::[\w[\]]+)? is null or \(?[\w., ]+\)? [<>] /.test(readFileSync(path.join(dataDirectory, name), 'utf8')),
    );
    expect(files.length).toBeGreaterThan(100);
    expect(asking).toEqual([]);
  });

  it('has every table with sealed columns walked by its key', async () => {
    for (let table = 0; table < sealedTableCount; table += 1)
      expect(await withShop(shop.shopId, (tx) => resealSlice(tx, { table, after: null, limit: 1 }))).toEqual({
        rows: 0,
        after: null,
      });
  });

  it('warns everybody once whose points end together, however many lots they have', async () => {
    const endsAt = '2031-01-01T00:00:00.123456Z';
    const people = await Promise.all([makeMember(shop), makeMember(shop), makeMember(shop)]);
    for (const [index, { memberId }] of people.entries())
      await system.sql(
        `insert into lot (shop_id, id, member_id, unit, amount, remaining, available_at, expires_at, created_at)
         select $1, $2::bigint + n, $3, 'points', 1, 1, now(), $4, now() from unnest(array[0, 10]) n`,
        [shop.shopId, 900_000 + index, memberId, endsAt],
      );
    const span = { from: new Date('2030-12-31T00:00:00Z'), to: new Date('2031-01-02T00:00:00Z'), limit: 1 };
    const warned: MemberId[] = [];
    let after: Parameters<typeof findMembersExpiringBetween>[2]['after'] = null;
    for (let page = 0; page < 10; page += 1) {
      const found: Awaited<ReturnType<typeof findMembersExpiringBetween>> = await withShop(shop.shopId, (tx) =>
        findMembersExpiringBetween(tx, shop.programId, { ...span, after }),
      );
      warned.push(...found.memberIds);
      after = found.next;
      if (after === null) break;
    }
    expect(warned.toSorted()).toEqual(people.map(({ memberId }) => memberId).toSorted());
  });

  it('lets go of those who wait for a message slice by slice', async () => {
    const waitingShop = await makeShop();
    const people = await Promise.all([makeMember(waitingShop), makeMember(waitingShop), makeMember(waitingShop)]);
    const campaignId = (await startOne(waitingShop)) as CampaignId;
    const waiting = people.map(({ memberId }) => ({ memberId, dueAt: at }));
    await withShop(waitingShop.shopId, (tx) => addWaiting(tx, campaignId, waiting));
    const drop = () => withShop(waitingShop.shopId, (tx) => dropNextWaiting(tx, campaignId, 2));
    expect([await drop(), await drop(), await drop()]).toEqual([2, 1, 0]);
  });

  it('is erased in turns, so that others come in between, and goes on where it stopped', async () => {
    const leaving = await makeShop();
    const caseId = (await openCase(system, leaving, 'shop/redact', { shop_domain: leaving.domain })) as CaseId;
    const begun: (string | null)[] = [];
    const step: Step = {
      name: 'three slices',
      slice: async (_tx, after) => {
        begun.push(after);
        return { count: 1, after: after === null ? 'first' : after === 'first' ? 'second' : null };
      },
    };
    const turn = () => runStep(leaving.shopId, { caseId, step, isOver: () => true });
    expect([await turn(), await turn(), await turn(), await turn()]).toEqual(['more', 'more', null, null]);
    expect(begun).toEqual([null, 'first', 'second']);
    const [{ receipts } = { receipts: [] }] = await casesOf(system, leaving);
    expect(receipts).toEqual([expect.objectContaining({ step: 'three slices', count: 3 })]);
  });
});
