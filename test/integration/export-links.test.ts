/** Links to exports: whoever follows one gets the file, once. Who may ask for one is the business of `step-up.test.ts`. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { ExportKind } from '#app/domain/access/exports.ts';
import { offerExport } from '#app/flows/access/offer-export.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { loader } from '#app/routes/export.$token.tsx';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { letIn } from '#test/support/staff.ts';

let system: TestSystem;
let shop: TestShop;
let other: TestShop;

beforeAll(async () => {
  system = await openTestSystem('stampwell_web');
  other = await makeShop();
});
afterAll(() => system.close());
beforeEach(async () => {
  shop = await makeShop();
  await letIn(shop.shopId, { userId: '1', role: 'owner' });
});
afterEach(() => setClockOffsetMs(0));

const linkTo = (kind: ExportKind, fields: Record<string, string> = {}, reason = 'A check') =>
  offerExport({ shopId: shop.shopId, actor: 'staff:1', kind, fields, reason });

async function follow(url: string, init: RequestInit = {}): Promise<Response> {
  const request = new Request(`https://stampwell.test${url}`, init);
  const asked = { request, params: { token: url.split('/').at(-1) }, context: {} } as unknown as Parameters<
    typeof loader
  >[0];
  return loader(asked).catch((thrown: unknown) => {
    if (thrown instanceof Response) return thrown;
    throw thrown;
  });
}

const auditOf = (action: string) =>
  system.sql<{ actor: string; object: string; reason: string | null }>(
    'select actor, object, reason from audit_record where shop_id = $1 and action = $2 order by sequence',
    [shop.shopId, action],
  );

describe('a link to an export', () => {
  it('K07 an export says at its end who took it, when and why, with nothing that a spreadsheet calculates', async () => {
    const url = await linkTo('liability', { kind: 'members' }, '=1+1 for the auditors');
    const response = await follow(url);
    const [header, ...lines] = (await response.text()).trim().split('\r\n');
    expect([response.status, header?.split(',')[0], response.headers.get('cache-control')]).toEqual([
      200,
      'Member',
      'no-store',
    ]);
    const [offered, taken] = [await auditOf('export.offer'), await auditOf('export.take')];
    expect(lines.at(-1)).toMatch(/^Exported,\d{4}-\d\d-\d\dT[\d:.]+Z,staff:1,'=1\+1 for the auditors,[0-9a-f-]{36}$/);
    expect(offered).toMatchObject([{ actor: 'staff:1', reason: 'liability: =1+1 for the auditors' }]);
    expect(taken).toEqual([{ actor: 'staff:1', reason: '=1+1 for the auditors', object: offered[0]?.object }]);
    expect(`export:${lines.at(-1)?.split(',').at(-1)}`).toBe(offered[0]?.object);
    // What the link offers is not to be read off it.
    expect(Buffer.from(url.split('/').at(-1) ?? '', 'base64url').toString('latin1')).not.toMatch(
      /liability|auditors|staff/,
    );
  });

  it('K07 a link works once, also when five follow it at once; looking ahead does not use it up', async () => {
    const url = await linkTo('staff');
    for (const ahead of [{ method: 'HEAD' }, { headers: { 'sec-purpose': 'prefetch;prerender' } }]) {
      const look = await follow(url, ahead);
      // A browser that kept the empty answer would show it in place of the file.
      expect([look.status, look.headers.get('cache-control')]).toEqual([204, 'no-store']);
    }
    const statuses = (await Promise.all(Array.from({ length: 5 }, () => follow(url)))).map(({ status }) => status);
    expect(statuses.toSorted((left, right) => left - right)).toEqual([200, 410, 410, 410, 410]);
    expect(((await (await follow(url)).json()) as { code: string }).code).toBe('export-over');
    expect(await auditOf('export.take')).toHaveLength(1);
  });

  it('K07 a link is over after five minutes, is worthless when changed, and is of its shop and its owner alone', async () => {
    const [url, late] = [await linkTo('staff'), await linkTo('staff')];
    const bytes = Buffer.from(url.split('/').at(-1) ?? '', 'base64url');
    const statusOf = async (changed: Buffer) => (await follow(`/export/${changed.toString('base64url')}`)).status;
    for (const at of [20, 40, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect([at, await statusOf(changed)]).toEqual([at, 403]);
    }
    const elsewhere = Buffer.concat([Buffer.from(other.shopId.replaceAll('-', ''), 'hex'), bytes.subarray(16)]);
    expect(await statusOf(elsewhere)).toBe(403);
    expect((await follow('/export/nonsense')).status).toBe(403);
    await system.sql(`update shop_staff set role = 'viewer' where shop_id = $1`, [shop.shopId]);
    expect((await follow(url)).status).toBe(403);
    await system.sql(`update shop_staff set role = 'owner' where shop_id = $1`, [shop.shopId]);
    expect((await follow(url)).status).toBe(200);
    setClockOffsetMs(5 * 60_000 + 1_000);
    expect((await follow(late)).status).toBe(410);
    expect(await auditOf('export.take')).toHaveLength(1);
  });

  it('K07 nobody gets more than their role allows when they follow it: an auditor sees no copy of somebody’s data', async () => {
    const [copy, audit] = [await linkTo('case', { caseId: shop.shopId, kind: 'json' }), await linkTo('audit')];
    await system.sql(
      `update shop_staff set role = 'auditor', expires_at = now() + interval '1 day' where shop_id = $1`,
      [shop.shopId],
    );
    expect([(await follow(copy)).status, (await follow(audit)).status]).toEqual([403, 200]);
  });

  it('K07 what was asked for wrongly is answered as a problem for programs', async () => {
    const answer = await follow(await linkTo('liability', { kind: 'months', months: '-1' }));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
  });

  it('K07 leads to every kind of file there is, signed ones unchanged and named by the export', async () => {
    const found: string[] = [];
    for (const [kind, fields] of [
      ['audit', { format: 'csv' }],
      ['audit', { format: 'jsonl' }],
      ['liability', { kind: 'months', months: '12' }],
      ['staff', {}],
      ['consents', { sequence: '' }],
      ['retention', { days: '30' }],
      ['evidence', {}],
    ] as [ExportKind, Record<string, string>][]) {
      const response = await follow(await linkTo(kind, fields));
      expect([kind, response.status]).toEqual([kind, 200]);
      const [, name = ''] = /filename="(.+)"/.exec(response.headers.get('content-disposition') ?? '') ?? [];
      const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
      found.push(
        `${name.replace(/-[0-9a-f]{8}-[0-9a-f-]{27}/, '-ID')} ${text.trim().split('\n').at(-1)?.includes('A check') === true ? 'marked' : ''}`.trim(),
      );
    }
    expect(found).toEqual([
      'audit.csv marked',
      'audit.jsonl marked',
      'liability-months.csv marked',
      'staff.csv marked',
      'consent-roots-ID.jsonl',
      'retention-report-ID.json',
      'evidence-ID.zip',
    ]);
    for (const missing of [
      ['incident', { incidentId: shop.shopId }],
      ['case', { caseId: shop.shopId, kind: 'json' }],
    ] as [ExportKind, Record<string, string>][])
      expect((await follow(await linkTo(...missing))).status).toBe(404);
  });
});
