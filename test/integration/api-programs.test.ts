import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;
let token: string;
let otherToken: string;

beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem('stampwell_web');
  api = await startApi();
  shop = await addShop({ domain: 'program-place.myshopify.com' });
  token = await api.tokenOf(shop);
  otherToken = await api.tokenOf(await addShop({ domain: 'elsewhere.myshopify.com' }));
});
afterAll(async () => {
  await api.close();
  await system.close();
});

type Sent = { key?: string; token?: string; ifMatch?: string };

const send = (method: string, path: string, body: unknown, sent: Sent = {}) =>
  api.ask(`/api/v1/programs${path}`, {
    method,
    token: sent.token ?? token,
    ...(body !== undefined && { body }),
    headers: { 'idempotency-key': sent.key ?? randomUUID(), ...(sent.ifMatch && { 'if-match': sent.ifMatch }) },
  });
const read = (path: string, as: string = token) => api.ask(`/api/v1/programs${path}`, { token: as });

const plain = defaultProgram({ shopName: 'Bean', currency: 'USD' });

/** So many points for each 1.00. */
function withRate(amount: number): ProgramDocument {
  const earnRules = plain.earnRules.map((rule) =>
    rule.kind === 'spend' ? { ...rule, rates: rule.rates.map((rate) => ({ ...rate, amount })) } : rule,
  );
  return { ...plain, earnRules };
}

async function addProgram(document: ProgramDocument = plain): Promise<string> {
  const answer = await send('POST', '', { document });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return String(answer.body['id']);
}

const versionNumbers = async (programId: string) =>
  (
    await system.sql<{ number: number }>('select number from rule_version where program_id = $1 order by 1', [
      programId,
    ])
  ).map((row) => row.number);

describe('a program', () => {
  it('is one document that can be read, drafted and published', async () => {
    const id = await addProgram();
    const added = await read(`/${id}`);
    expect(added.body).toMatchObject({
      id,
      state: 'draft',
      version: null,
      document: null,
      draft: plain,
      draftRevision: 1,
    });
    const saved = await send('PUT', `/${id}/draft`, withRate(3));
    expect([saved.status, saved.body['draftRevision']]).toEqual([200, 2]);
    const published = await send('POST', `/${id}/publish`, { draftRevision: 2 });
    expect([published.status, published.body['number'], published.headers.location]).toEqual([
      201,
      1,
      `/api/v1/programs/${id}/versions/1`,
    ]);
    await send('PUT', `/${id}/draft`, withRate(4));
    const now = await read(`/${id}`);
    expect(now.body).toMatchObject({
      state: 'live',
      version: 1,
      document: withRate(3),
      draft: withRate(4),
      draftChanges: expect.arrayContaining(['Points for each $1.00: 3 → 4']),
    });
    expect((await read('')).body['programs']).toContainEqual(
      expect.objectContaining({ id, name: 'Bean Rewards', version: 1, draftRevision: 3 }),
    );
  });

  it('says by its ETag whether anything changed', async () => {
    const id = await addProgram();
    const first = await read(`/${id}`);
    const ask = (tag: string | undefined) =>
      api.ask(`/api/v1/programs/${id}`, { token, headers: { 'if-none-match': tag ?? '' } });
    expect((await ask(first.headers.etag)).status).toBe(304);
    await send('PUT', `/${id}/draft`, withRate(2));
    const second = await ask(first.headers.etag);
    expect(second.status).toBe(200);
    await send('POST', `/${id}/publish`, {});
    expect((await ask(second.headers.etag)).status).toBe(200);
  });

  it('of another shop is not there, whatever is asked of it', async () => {
    const id = await addProgram();
    await send('POST', `/${id}/publish`, {});
    const simulation = await send('POST', `/${id}/simulations`, {});
    const simulationId = String(simulation.body['id']);
    const theirs = [
      await read(`/${id}`, otherToken),
      await read(`/${id}/versions`, otherToken),
      await read(`/${id}/versions/1`, otherToken),
      await read(`/${id}/simulations/${simulationId}`, otherToken),
      await send('PUT', `/${id}/draft`, plain, { token: otherToken }),
      await send('POST', `/${id}/publish`, {}, { token: otherToken }),
      await send('POST', `/${id}/rollback`, { number: 1 }, { token: otherToken }),
      await send('POST', `/${id}/simulations`, {}, { token: otherToken }),
      await send('POST', `/${id}/simulations/${simulationId}/cancel`, undefined, { token: otherToken }),
    ];
    expect(theirs.map((answer) => answer.status)).toEqual(theirs.map(() => 404));
    expect(JSON.stringify((await read('', otherToken)).body)).not.toContain(id);
    expect((await read(`/${id}/simulations/${simulationId}`)).body['state']).toBe('queued');
  });

  it('with an id that is none is not there', async () => {
    for (const id of ['nobody', '%00', randomUUID()]) {
      expect((await read(`/${id}`)).status).toBe(404);
      expect((await send('PUT', `/${id}/draft`, plain)).status).toBe(404);
      expect((await send('POST', `/${id}/publish`, {})).status).toBe(404);
      expect((await send('POST', `/${id}/simulations`, {})).status).toBe(404);
    }
    const id = await addProgram();
    for (const part of ['versions/1', 'versions/0', 'versions/x', 'simulations/x', `simulations/${randomUUID()}`])
      expect((await read(`/${id}/${part}`)).status).toBe(404);
    expect((await send('POST', `/${id}/rollback`, { number: 1 })).body['code']).toBe('version-not-found');
  });

  it('needs the scope for reading or for writing', async () => {
    const id = await addProgram();
    const reader = await api.tokenOf(shop, 'programs:read');
    expect((await read(`/${id}`, reader)).status).toBe(200);
    expect((await send('PUT', `/${id}/draft`, plain, { token: reader })).status).toBe(403);
    expect((await read(`/${id}`, await api.tokenOf(shop, 'programs:write'))).status).toBe(403);
  });
});

describe('a draft', () => {
  it('that does not fit is refused with the place and fault of everything that does not', async () => {
    const id = await addProgram();
    const wrong = {
      ...plain,
      name: '',
      earnRules: [{ ...plain.earnRules[0], unit: 'nowhere' }],
      settings: { ...plain.settings, expiryNoticeDays: 0 },
      colour: 'red',
    };
    const answer = await send('PUT', `/${id}/draft`, wrong);
    expect([answer.status, answer.body['code']]).toEqual([422, 'invalid-input']);
    const errors = answer.body['errors'] as { path: string; message: string }[];
    expect(errors.map(({ path }) => path)).toEqual(expect.arrayContaining(['name', 'settings.expiryNoticeDays', '']));
    expect(errors).toContainEqual({ path: '', message: 'unknown field colour' });
    const crossed = await send('PUT', `/${id}/draft`, {
      ...plain,
      earnRules: [{ ...plain.earnRules[0], unit: 'nowhere' }],
    });
    expect(crossed.body['errors']).toContainEqual({
      path: 'earnRules.0',
      message: 'earns "nowhere", which is not a unit of this program',
    });
  });

  it('is not saved over somebody else’s newer one when the ETag that was seen is sent along', async () => {
    const id = await addProgram();
    const seen = (await read(`/${id}`)).headers.etag ?? '';
    const mine = await send('PUT', `/${id}/draft`, withRate(2), { ifMatch: seen });
    expect(mine.status).toBe(200);
    const theirs = await send('PUT', `/${id}/draft`, withRate(5), { ifMatch: seen });
    expect([theirs.status, theirs.body['code']]).toEqual([412, 'draft-changed']);
    expect(String(theirs.body['detail'])).toContain('Somebody else saved this draft');
    expect((await read(`/${id}`)).body['draft']).toEqual(withRate(2));
    const again = await send('PUT', `/${id}/draft`, withRate(5), { ifMatch: mine.headers.etag ?? '' });
    expect(again.status).toBe(200);
    const several = `"made-up", ${seen}, ${again.headers.etag ?? ''}`;
    expect((await send('PUT', `/${id}/draft`, withRate(7), { ifMatch: several })).status).toBe(200);
    const madeUp = await send('PUT', `/${id}/draft`, withRate(6), { ifMatch: '"made-up"' });
    expect(madeUp.status).toBe(412);
    expect(madeUp.body['detail']).toContain('If-Match');
    expect((await send('PUT', `/${id}/draft`, withRate(6), { ifMatch: '*' })).status).toBe(200);
  });

  it('may be as large as its lists may be long, and no larger', async () => {
    const id = await addProgram();
    const productIds = Array.from({ length: 250 }, (_, index) => String(90_000_000_000_000 + index));
    const rules = Array.from({ length: 50 }, (_, index) => ({
      kind: 'visit' as const,
      id: `visit-${index}`,
      unit: 'stamps',
      amount: 1,
      conditions: { productIds, excludedVariantIds: productIds },
    }));
    expect((await send('PUT', `/${id}/draft`, { ...plain, earnRules: rules })).status).toBe(200);
    const tooLarge = await send('PUT', `/${id}/draft`, { ...plain, name: 'x'.repeat(3 * 1024 * 1024) });
    expect(tooLarge.status).toBe(413);
  });
});

describe('publishing', () => {
  it('of a draft other than the one that was seen is refused', async () => {
    const id = await addProgram();
    await send('PUT', `/${id}/draft`, withRate(2));
    const answer = await send('POST', `/${id}/publish`, { draftRevision: 1 });
    expect([answer.status, answer.body['code']]).toEqual([409, 'draft-changed']);
    expect(await versionNumbers(id)).toEqual([]);
  });

  it('has one effect for one key, also of twenty requests at once, and none for a key used otherwise', async () => {
    const id = await addProgram();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('POST', `/${id}/publish`, {}, { key })));
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(await versionNumbers(id)).toEqual([1]);
    const reused = await send('POST', `/${id}/publish`, { draftRevision: 1 }, { key });
    expect([reused.status, reused.body['code']]).toEqual([409, 'idempotency-mismatch']);
    const elsewhere = await send('POST', `/${await addProgram()}/publish`, {}, { key });
    expect([elsewhere.status, elsewhere.body['code']]).toEqual([409, 'idempotency-mismatch']);
    expect((await send('POST', `/${id}/publish`, {}, {})).status).toBe(200);
  });

  it('and every other mutation demands a key', async () => {
    const id = await addProgram();
    for (const [method, path, body] of [
      ['PUT', `/${id}/draft`, plain],
      ['POST', `/${id}/publish`, {}],
      ['POST', `/${id}/rollback`, { number: 1 }],
      ['POST', `/${id}/simulations`, {}],
      ['POST', `/${id}/simulations/${randomUUID()}/cancel`, undefined],
      ['POST', '', { document: plain }],
    ] as const) {
      const answer = await api.ask(`/api/v1/programs${path}`, { method, token, ...(body && { body }) });
      expect([path, answer.status, answer.body['code']]).toEqual([path, 400, 'idempotency-key-required']);
    }
  });

  it('never changes a version: the database itself refuses', async () => {
    const id = await addProgram();
    await send('POST', `/${id}/publish`, {});
    await expect(
      system.sql(`set role stampwell_web; update rule_version set document = '{}' where program_id = '${id}'`),
    ).rejects.toThrow('permission denied');
    await system.sql('reset role');
  });
});

describe('versions', () => {
  it('are listed newest first with who, when and what each changed, page by page', async () => {
    const id = await addProgram();
    for (const rate of [1, 2, 3]) {
      await send('PUT', `/${id}/draft`, withRate(rate));
      await send('POST', `/${id}/publish`, {});
    }
    const first = await read(`/${id}/versions?limit=2`);
    const versions = first.body['versions'] as Record<string, unknown>[];
    expect(versions).toMatchObject([
      { number: 3, isInForce: true, restores: null, publishedBy: `api:${shop.apiClientId}` },
      { number: 2, isInForce: false, changes: expect.arrayContaining(['Points for each $1.00: 1 → 2']) },
    ]);
    const second = await read(`/${id}/versions?limit=2&cursor=${String(first.body['nextCursor'])}`);
    expect(second.body).toMatchObject({ versions: [{ number: 1, changes: [] }], nextCursor: null });
    expect((await read(`/${id}/versions/2`)).body).toMatchObject({ number: 2, document: withRate(2) });
    expect((await read(`/${id}/versions?cursor=nonsense`)).status).toBe(400);
  });

  it('come back as new ones by one call, which is undone the same way', async () => {
    const id = await addProgram();
    for (const rate of [1, 2]) {
      await send('PUT', `/${id}/draft`, withRate(rate));
      await send('POST', `/${id}/publish`, {});
    }
    const back = await send('POST', `/${id}/rollback`, { number: 1 });
    expect([back.status, back.body['number']]).toEqual([201, 3]);
    expect((await read(`/${id}`)).body).toMatchObject({ version: 3, document: withRate(1), draft: withRate(2) });
    const undone = await send('POST', `/${id}/rollback`, { number: 2 });
    expect([undone.status, undone.body['number']]).toEqual([201, 4]);
    expect((await read(`/${id}/versions?limit=1`)).body['versions']).toMatchObject([{ number: 4, restores: 2 }]);
    const again = await send('POST', `/${id}/rollback`, { number: 4 });
    expect([again.status, again.body['number']]).toEqual([200, 4]);
    expect(
      await system.sql(
        `select reason from audit_record where object = $1 and action = 'program.roll-back' order by sequence`,
        [`program:${id}`],
      ),
    ).toEqual([{ reason: 'version 1' }, { reason: 'version 2' }]);
  });
});
