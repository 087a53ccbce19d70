import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { readEnvironment } from '#app/lib/env.ts';
import { resolveDatabase } from '#prisma/connect.ts';
import { testEnvironment } from '#test/support/factories.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'stampwell-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (name: string, text: string) => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};

describe('a secret', () => {
  it('may come as a file that a vault mounted, each of them, and then its name alone is in the environment', async () => {
    const databaseUrl = 'postgresql://web@db.example/stampwell?sslmode=verify-full';
    const read = readEnvironment({
      NODE_ENV: 'test',
      STAMPWELL_ENV: 'test',
      SHOPIFY_API_KEY: 'key',
      SHOPIFY_API_SECRET_FILE: fileOf('secret', 'newest,older\n'),
      KEY_ENCRYPTION_KEYS_FILE: fileOf('keys', `${testEnvironment.KEY_ENCRYPTION_KEYS}\n`),
      DATABASE_URL_FILE: fileOf('database', `${databaseUrl}\n`),
      SMTP_URL_FILE: fileOf('mail', 'smtps://user:password@mail.example'),
    });
    expect(read.SHOPIFY_API_SECRET).toEqual(['newest', 'older']);
    expect(read.KEY_ENCRYPTION_KEYS).toEqual([{ id: 'test-1', bytes: Buffer.alloc(32, 7) }]);
    expect([read.DATABASE_URL, read.SMTP_URL]).toEqual([databaseUrl, 'smtps://user:password@mail.example']);
    const { DATABASE_URL: before } = process.env;
    try {
      delete process.env['DATABASE_URL'];
      process.env['DATABASE_URL_FILE'] = path.join(folder, 'database');
      expect((await resolveDatabase()).url).toBe(databaseUrl);
    } finally {
      delete process.env['DATABASE_URL_FILE'];
      if (before !== undefined) process.env['DATABASE_URL'] = before;
    }
  });

  it('stops the start by its name when the file is not there, is empty, or the secret is told twice', () => {
    const wrong = (change: Record<string, string>) => () =>
      readEnvironment({ NODE_ENV: 'test', ...testEnvironment, ...change });
    const file = path.join(folder, 'none');
    expect(wrong({ SMTP_URL_FILE: file })).toThrow(`SMTP_URL_FILE: the file ${file} cannot be read`);
    expect(wrong({ SMTP_URL_FILE: fileOf('empty', ' \n') })).toThrow('SMTP_URL_FILE');
    expect(wrong({ SHOPIFY_API_SECRET_FILE: fileOf('twice', 'x') })).toThrow('SHOPIFY_API_SECRET is set as well');
    expect(wrong({ SHOPIFY_API_SECRET_FILE: '' })).not.toThrow();
  });
});
