import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { keepErasure, listKeptCases, readKeptErasures } from '#app/gateways/erasure-store.ts';

const folder = path.join(tmpdir(), `stampwell-kept-${process.pid}`);
process.env['STAMPWELL_ENV'] ??= 'test';
process.env['SHOPIFY_API_KEY'] ??= 'key';
process.env['SHOPIFY_API_SECRET'] ??= 'secret';
process.env['KEY_ENCRYPTION_KEYS'] ??= `test-1:${Buffer.alloc(32, 7).toString('base64')}`;
process.env['ERASURE_DIRECTORY'] = folder;
afterAll(() => rm(folder, { recursive: true, force: true }));

const erasure = () => ({
  of: 'erasure' as const,
  shopId: randomUUID(),
  caseId: randomUUID(),
  memberIds: [randomUUID()],
  fingerprints: [],
  erasedAt: new Date().toISOString(),
});

describe('what is kept of erasures', () => {
  it('C04 fails when it cannot be stored, so that no erasure is certified that a backup could undo', async () => {
    await writeFile(folder, 'not a folder');
    await expect(keepErasure(erasure())).rejects.toMatchObject({ code: 'erasure-store-unavailable' });
    await rm(folder);
  });

  it('C04 is kept once, and tells when it was altered or renamed', async () => {
    const [one, other] = [erasure(), erasure()];
    await keepErasure(one);
    await keepErasure({ ...one, memberIds: [] });
    await keepErasure(other);
    expect(await listKeptCases()).toEqual(
      [one.caseId, other.caseId].toSorted((left, right) => left.localeCompare(right)),
    );
    expect((await readKeptErasures()).find(({ caseId }) => caseId === one.caseId)).toEqual({
      ...one,
      kind: 'kept-erasure',
    });
    const file = (caseId: string) => path.join(folder, `${caseId}.erasure.json`);
    await writeFile(file(one.caseId), await readFile(file(other.caseId)));
    await expect(readKeptErasures()).rejects.toMatchObject({ code: 'erasure-store-altered' });
  });
});
