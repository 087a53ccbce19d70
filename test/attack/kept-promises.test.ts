/** Promises that can be read off the product itself: its schema, its forms, its checks, and what it sends out. */
import { globSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { toGoogleObject } from '#app/domain/cards/google-pass.ts';
import { buildPassContent } from '#app/domain/cards/pass-content.ts';
import { dataMap } from '#app/domain/privacy/data-map/data-map.ts';
import { richPassInput } from '#test/support/rich-card.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const views = globSync('{app/components,app/routes,extensions}/**/*.{tsx,liquid}').filter(
  (file) => !file.includes('node_modules'),
);
const columnsOf = (table: string) => dataMap().find((entry) => entry.table === table)?.columns ?? [];

describe('the checks of a change', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

  it('L09 are one command with every gate in it, which CI runs on a clean clone', () => {
    const gates = [
      'format',
      'lint',
      'typecheck',
      'deps',
      'dead',
      'secret-scan',
      'build',
      'build:extensions',
      'requirements',
    ];
    const run = scripts['check']?.split(' && ') ?? [];
    expect(gates.filter((gate) => !run.includes(`npm run ${gate}`))).toEqual([]);
    expect(run).toContain('npm test');
    expect(gates.filter((gate) => scripts[gate] === undefined)).toEqual([]);
    expect(read('.ci/run')).toMatch(/^npm ci /m);
    expect(read('.ci/run')).toMatch(/^npm run check /m);
  });
});

describe('what the database may hold', () => {
  it('C05 is no password of a merchant: they sign in with Shopify', () => {
    const passwords = dataMap().flatMap(({ table, columns }) =>
      columns.filter(({ name }) => /password|passwd|passphrase/.test(name)).map(({ name }) => `${table}.${name}`),
    );
    expect(passwords).toEqual(['operator_account.password_expires_at', 'operator_account.password_hash']);
  });

  it('F07 is of a ledger entry a pseudonym, hashes and the version of the rules, and nobody’s name', () => {
    const columns = columnsOf('ledger_entry');
    expect(columns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['member_id', 'inputs_hash', 'rule_version_id', 'source_key']),
    );
    expect(columns.filter((column) => column.class === 'regulated')).toEqual([]);
    expect(columns.map(({ name }) => name).filter((name) => /name|mail|phone|address|customer/.test(name))).toEqual([]);
  });

  it('F02 is of identity in one table, and in none that counts', () => {
    const named = dataMap()
      .filter(({ columns }) => columns.some(({ name }) => /^(email|phone|birthday)$/.test(name)))
      .map(({ table }) => table);
    expect(named).toEqual(['member_profile']);
    for (const table of ['balance', 'lot', 'ledger_entry', 'ledger_source'])
      expect([table, columnsOf(table).some((column) => column.class === 'regulated')]).toEqual([table, false]);
  });
});

describe('what people are asked for', () => {
  it('C03 is a card number in no form and on no page', () => {
    expect(views.length).toBeGreaterThan(100);
    const asking = views.filter((file) =>
      /autocomplete="?cc-|name="?(card-?number|cvc|cvv|pan)\b|js\.stripe\.com/i.test(read(file)),
    );
    expect(asking).toEqual([]);
  });
});

describe('what tills, checkouts and shop pages keep', () => {
  it('F42 is nothing: no part of an extension names a storage', () => {
    const parts = globSync('extensions/*/{src,assets,blocks,snippets}/**/*.{ts,tsx,js,liquid}');
    expect(parts.length).toBeGreaterThan(15);
    const naming = parts.filter((file) =>
      /localStorage|sessionStorage|indexedDB|document\.cookie|\bcaches\b|\bshopify\.storage\b|useStorage/.test(
        read(file),
      ),
    );
    expect(naming).toEqual([]);
  });
});

describe('what leaves for wallets', () => {
  const allowed = [
    'id', 'classId', 'state', 'accountId', 'accountName', 'loyaltyPoints', 'secondaryLoyaltyPoints', 'barcode', 'heroImage',
    'textModulesData', 'linksModuleData',
  ]; // prettier-ignore

  it('W26 is for Google what a card shows, and nothing beside it', () => {
    const content = buildPassContent(richPassInput());
    const object = toGoogleObject(content, { objectId: '1.o', classId: '1.c', heroUrl: null });
    expect(Object.keys(object).filter((key) => !allowed.includes(key))).toEqual([]);
    expect(JSON.stringify(object)).not.toMatch(/@example|shopifyCustomerId|externalId|birthday|phone/i);
  });

  it('W06 W26 names nobody on an opaque card', () => {
    const plain = richPassInput();
    const content = buildPassContent({ ...plain, design: { ...plain.design, privacy: 'opaque' } });
    const object = toGoogleObject(content, { objectId: '1.o', classId: '1.c', heroUrl: null });
    expect(content.memberName).toBeNull();
    expect(object.accountName).toBe('');
  });
});
