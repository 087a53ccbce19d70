/** The audit log as people read and take it: filters, pages, files. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { evidencePublicKeys, type Signed, verifyEvidence } from '#app/lib/evidence.ts';
import { auditExport } from '#app/queries/audit-export.ts';
import { auditPage } from '#app/queries/audit-page.ts';
import { auditFields, auditFilterOf } from '#app/web/audit-filter.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let shop: TestShop;
let other: TestShop;
const recordsMade = 1_105;
beforeAll(async () => {
  system = await openTestSystem('stampwell_web');
  [shop, other] = [await makeShop(), await makeShop()];
  await withShop(shop.shopId, async (tx) => {
    for (let count = 1; count <= recordsMade; count += 1)
      await appendAudit(tx, {
        actor: count % 10 === 0 ? 'api:till' : `staff:${count % 3}`,
        action: count % 2 === 0 ? 'member.stamp' : 'program.publish',
        object: `member:${count % 5}`,
        beforeHash: fingerprint({ count }),
        afterHash: null,
        reason: count === 7 ? '=HYPERLINK("https://evil.example","click")' : null,
        occurredAt: new Date('2026-11-01T12:00:00Z'),
      });
  });
  await withShop(other.shopId, (tx) =>
    appendAudit(tx, { actor: 'staff:1', action: 'member.stamp', object: 'member:1', beforeHash: null, afterHash: null, reason: 'of another shop', occurredAt: new Date() }),
  ); // prettier-ignore
});
afterAll(() => system.close());

const everything = { actor: null, action: null, object: null, from: null, until: null };

async function textOf(pieces: AsyncGenerator<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

describe('the audit page', () => {
  it('L05 shows every record once, newest first, page after page, and nobody else’s', async () => {
    const seen: number[] = [];
    let before: number | null = null;
    do {
      const page: Awaited<ReturnType<typeof auditPage>> = await auditPage(shop.shopId, {
        filter: everything,
        before,
        limit: 500,
      });
      expect(page.recordsTotal).toBe(recordsMade);
      seen.push(...page.lines.map(({ sequence }) => sequence));
      expect(page.lines.map(({ reason }) => reason)).not.toContain('of another shop');
      before = page.next;
    } while (before !== null);
    expect(seen).toEqual(Array.from({ length: recordsMade }, (_, index) => recordsMade - index));
  });

  it('L05 finds by who, what, on what and when', async () => {
    const find = (filter: Partial<typeof everything> | { actor: string } | object) =>
      auditPage(shop.shopId, { filter: { ...everything, ...filter }, before: null, limit: 5_000 });
    const sizes = await Promise.all(
      [{ actor: 'api:' }, { actor: 'staff:' }, { action: 'program.' }, { object: 'member:3' }, { object: 'member' }, { actor: 'api:till', action: 'member.stamp', object: 'member:0' }].map(
        async (filter) => (await find(filter)).lines.length,
      ),
    ); // prettier-ignore
    expect(sizes).toEqual([110, recordsMade - 110, 553, 221, 0, 110]);
    const [tomorrow, yesterday] = [new Date(Date.now() + 86_400_000), new Date(Date.now() - 86_400_000)];
    expect((await find({ from: yesterday, until: tomorrow })).lines).toHaveLength(recordsMade);
    expect((await find({ from: tomorrow })).lines).toEqual([]);
    expect((await find({ until: yesterday })).lines).toEqual([]);
    // What somebody types is never a pattern.
    expect((await find({ actor: '%' })).lines).toEqual([]);
  });

  it('reads the days of a filter in the shop’s time zone, the last one included, and leaves nonsense out', () => {
    const fields = auditFields(
      new URLSearchParams('actor= staff:1 &from=2026-03-01&until=2026-03-01&surprise=1&object='),
    );
    expect(fields).toEqual({ actor: 'staff:1', action: '', object: '', from: '2026-03-01', until: '2026-03-01' });
    expect(auditFilterOf(fields, 'America/New_York')).toEqual({
      actor: 'staff:1',
      action: null,
      object: null,
      from: new Date('2026-03-01T05:00:00Z'),
      until: new Date('2026-03-02T05:00:00Z'),
    });
    const strange = auditFields(new URLSearchParams(`from=yesterday&until=2026-3-1&action=${'x'.repeat(500)}`));
    expect([strange.from, strange.until, strange.action.length]).toEqual(['', '', 100]);
  });
});

describe('the audit log as a file', () => {
  it('L05 experiment 22: holds every record as CSV, and no cell is calculated by a spreadsheet', async () => {
    const text = await textOf(auditExport(shop.shopId, { filter: everything, format: 'csv' }));
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(recordsMade + 1);
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"",""click"")"`);
    expect(lines.filter((line) => /(^|,)"?[=+@]/.test(line))).toEqual([]);
  });

  it('L05 begins as JSON lines with a signed head, which shows later that the newest record is gone', async () => {
    const text = await textOf(
      auditExport(shop.shopId, { filter: { ...everything, object: 'member:3' }, format: 'jsonl' }),
    );
    const [first = '', ...rest] = text.trimEnd().split('\n');
    const head = JSON.parse(first) as Signed<{ kind: string; sequence: number; hash: string }>;
    expect(head.payload).toMatchObject({ kind: 'audit-head', shopId: shop.shopId, sequence: recordsMade });
    expect(verifyEvidence(head, evidencePublicKeys())).toBe(true);
    expect(rest).toHaveLength(221);
    const [newest] = await system.sql<{ hash: string }>(`select encode(hash, 'hex') as hash from audit_record where shop_id = $1 order by sequence desc limit 1`, [shop.shopId]); // prettier-ignore
    expect(newest?.hash).toBe(head.payload.hash);
  });
});
