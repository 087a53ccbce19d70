/** What `docs/security.md` says is what the code does: a table that is no longer true fails here. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { allows, permissions, type Role, roles } from '#app/domain/access/permissions.ts';
import { pinLength } from '#app/domain/access/pins.ts';
import { dataMap } from '#app/domain/privacy/data-map/data-map.ts';
import { accessTokenLifetimeSeconds } from '#app/lib/access-token.ts';
import { newCodeSecret, stepOfCode } from '#app/lib/one-time-codes.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const text = read('docs/security.md');

/** The rows of all tables below a heading, cell by cell. */
function rowsOf(heading: string): string[][] {
  const [, part = ''] = text.split(`\n## ${heading}\n`);
  const [section = ''] = part.split('\n## ');
  const rows = section.split('\n').filter((line) => line.startsWith('|') && !/^\|\s*-/.test(line));
  return rows.slice(1).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
const sectionOf = (heading: string) => (text.split(`\n## ${heading}\n`)[1] ?? '').split('\n## ')[0] ?? '';
const plain = (cell = '') => cell.replaceAll('`', '');

/** Every line of a table that names a file, a constant and its value. */
function expectConstants(heading: string, rowsMin: number): void {
  const rows = rowsOf(heading).filter((cells) => cells.at(-3)?.startsWith('`app/'));
  expect(rows.length).toBeGreaterThanOrEqual(rowsMin);
  for (const cells of rows) {
    const [file, name, value] = cells.slice(-3).map(plain);
    const code = read(file ?? '').replaceAll('**', '');
    const places = [`${name} = ${value};`, `${name}: ${value},`, `${name}: ${value} }`];
    expect([cells[0], places.some((place) => code.includes(place))]).toEqual([cells[0], true]);
  }
}

function serverSources(): string[] {
  const below = (directory: string): string[] =>
    readdirSync(path.join(root, directory), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? below(`${directory}/${entry.name}`) : [`${directory}/${entry.name}`],
    );
  return [...below('app'), ...below('workers')].filter((file) => /\.tsx?$/.test(file)).map(read);
}

describe('the document on security', () => {
  it('names every way in, and how long what opens it is good', () => {
    const router = read('app/edge/router.ts');
    const areas = [...router.matchAll(/\{ area: '([\w-]+)'/g)].map(([, area]) => area);
    const known: Record<string, string> = {
      webhooks: '/webhooks/shopify', wallet: '/wallet/apple', extensions: '/pos/v1', proxy: '/proxy/v1', api: '/api/v1',
      images: 'public', trust: 'public', health: 'public', nothing: 'public', clock: 'tests',
    }; // prettier-ignore
    for (const area of new Set(areas)) {
      const place = known[area ?? ''] ?? '';
      expect([area, place]).not.toEqual([area, '']);
      if (place.startsWith('/')) expect(sectionOf('Who comes in, and how')).toContain(`\`${place}\``);
    }
    expect(sectionOf('Who comes in, and how')).toContain(`${accessTokenLifetimeSeconds / 60} minutes`);
    expect(read('app/flows/operators/sign-in-operator.ts')).toContain('const sessionMs = 2 * 3_600_000;');
    expect(sectionOf('Who comes in, and how')).toMatch(/operator .*\| 2 hours/);
  });

  it('says how long sessions last, how many there may be, and who ends them', () => {
    const section = sectionOf('Sessions');
    expect(section).toMatch(/2 hours after it began/);
    expect(section).toContain(`${accessTokenLifetimeSeconds / 60} minutes`);
    expect(section).toMatch(/after 15 minutes in which it is not used/);
    expect(read('app/flows/operators/sign-in-operator.ts')).toContain('const idleMs = 15 * 60_000;');
    expect(section.replaceAll(/\s+/g, ' ')).toMatch(/An operator has one session at a time/);
    expect(section).toMatch(/Shopify ends its own/);
    expect(read('package.json')).toContain('"operator":');
  });

  it('assumes the weakest sign-in of staff, and asks for a PIN where it matters', () => {
    expect(sectionOf('Who comes in, and how')).toMatch(/weakest way is assumed/);
    const routes = readdirSync(path.join(root, 'app/routes')).filter((file) => file.startsWith('app.'));
    const stepped = routes.filter((file) => read(`app/routes/${file}`).includes('requireStepUp('));
    // Exports, keys and the roles of people: each of these pages.
    const harmful = [
      'app.audit.file.tsx',
      'app.keys.tsx',
      'app.keys.clients.tsx',
      'app.staff.tsx',
      'app.staff.csv.tsx',
    ];
    expect(stepped).toEqual(expect.arrayContaining([...harmful, 'app.privacy.file.tsx', 'app.liability.csv.tsx']));
  });

  it('tells how guessing is slowed down, figure by figure', () => {
    expectConstants('Guessing', 6);
    expect(sectionOf('Guessing')).toContain(`PINs are ${pinLength.min} to ${pinLength.max} digits`);
  });

  it('has the roles as they are granted', () => {
    const rows = rowsOf('Roles');
    expect(rows.map(([role]) => role)).toEqual([...roles]);
    for (const [role = '', may = ''] of rows) {
      const named = [...may.matchAll(/`([\w:]+)`/g)].map(([, permission]) => permission ?? '');
      const isGranted = (permission: string) => {
        if (may === 'everything') return true;
        if (may.startsWith('everything but')) return !named.includes(permission);
        if (may.startsWith('everything that ends')) return permission.endsWith(':read') || named.includes(permission);
        return named.includes(permission);
      };
      for (const permission of permissions)
        expect([role, permission, isGranted(permission)]).toEqual([role, permission, allows(role as Role, permission)]);
    }
  });

  it('says which fields of a person take a permission or a scope of their own', () => {
    const section = sectionOf('Roles');
    const scopes = read('app/contracts/api-scopes.ts');
    for (const scope of ['members:pii', 'passes:secret']) {
      expect(section).toContain(`\`${scope}\``);
      expect(scopes).toContain(`'${scope}'`);
    }
    expect(permissions).toContain('members:unmask');
    expect(section).toContain('`members:unmask`');
  });

  it('has the limits of the business, and what must fit together', () => {
    expectConstants('What is accepted', 9);
    expect(sectionOf('What is accepted').match(/^- /gm)?.length).toBeGreaterThanOrEqual(4);
  });

  it('has the types and sizes of every file that is taken', () => {
    expectConstants('Files', 6);
    const types = read('app/domain/cards/logo-rules.ts');
    expect(types).toContain("mediaTypes: ['image/png', 'image/jpeg', 'image/webp']");
  });

  it('has every algorithm in use, and none that is not', () => {
    const listed = rowsOf('Cryptography').map(([name]) => plain(name));
    const sources = serverSources();
    const used = sources.flatMap((code) =>
      [...code.matchAll(/create(?:Hash|Hmac|Cipheriv|Decipheriv)\(\s*'([\w-]+)'|\balg(?:orithms)?: \[?'(\w+)'/g)].map(
        ([, first, second]) => first ?? second ?? '',
      ),
    );
    expect([...new Set(used)].filter((name) => !listed.includes(name))).toEqual([]);
    const elsewhere = sources.join('\n').toLowerCase();
    expect(listed.filter((name) => !elsewhere.includes(name.toLowerCase()))).toEqual([]);
    const code = newCodeSecret();
    expect(stepOfCode(code, '1', new Date())).toBeNull();
  });

  it('has the rule of life for each kind of key', () => {
    const operations = read('docs/operations.md');
    for (const kind of ['key-encryption key', 'data key', 'link key', 'Shopify’s secret', 'pass certificate'])
      expect(operations.replaceAll("'", '’')).toContain(kind);
    expect(sectionOf('Cryptography')).toMatch(/used for one\s+purpose/);
  });

  it('has a protection for each level of data, and the levels that are in use', () => {
    const inUse = new Set<string>(dataMap().flatMap(({ columns }) => columns.map((column) => column.class)));
    expect(new Set(rowsOf('Levels of data').map(([level]) => level))).toEqual(inUse);
    for (const [, protection] of rowsOf('Levels of data')) expect(protection?.length).toBeGreaterThan(10);
  });

  it('has the fields a log line may have, each of them and no other', () => {
    const [, list = ''] = /const allowed = \[([^\]]*)\]/.exec(read('app/lib/log.ts')) ?? [];
    const allowed = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '');
    const [, written = ''] = /Nothing else can be written than\n\n([^\n]*(?:\n[^\n]+)*)/.exec(sectionOf('Logs')) ?? [];
    expect([...written.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual([...allowed, 'error']);
  });

  it('says what is expensive and what keeps it from stopping the rest', () => {
    const section = sectionOf('What is expensive');
    for (const work of ['Hashing', 'sealing', 'simulations', 'exports', 'campaigns']) expect(section).toContain(work);
    expect(read('app/server.ts')).toContain('const requestTimeoutMs = 15_000;');
    expect(section).toContain('15 seconds');
  });
});

describe('the settings of a proxy that are handed out', () => {
  it('L01 have the versions and suites of our own TLS, verify who we are, and tell us what callers came by', () => {
    const [, settings = ''] = /```nginx\n([^`]*)```/.exec(read('docs/operations.md')) ?? [];
    const values = new Map(
      [...settings.matchAll(/^\s*(\w+) ([^;]+);$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    expect([values.get('ssl_protocols'), values.get('proxy_ssl_protocols')]).toEqual([
      'TLSv1.2 TLSv1.3',
      'TLSv1.2 TLSv1.3',
    ]);
    const own = [...read('app/edge/server-tls.ts').matchAll(/^ {2}'(ECDHE-[\w-]+)',$/gm)].map(([, suite]) => suite);
    expect(own.length).toBe(6);
    expect(values.get('ssl_ciphers')?.split(':')).toEqual(own);
    expect(values.get('proxy_ssl_verify')).toBe('on');
    expect(settings).toContain('X-Forwarded-Proto $scheme');
  });
});

describe('parts of others', () => {
  it('are updated within a time that is written down, the more dangerous the sooner', () => {
    const days = rowsOf('Updates').map(([, within = '']) => Number.parseInt(within, 10));
    expect(days).toHaveLength(4);
    expect(days).toEqual(days.toSorted((one, two) => one - two));
    expect(days.every((count) => count > 0)).toBe(true);
    const [, atLeast = '0'] = /brought up to date at least every (\d+) days/.exec(sectionOf('Updates')) ?? [];
    expect(Number(atLeast)).toBeGreaterThan(days.at(-1) ?? 0);
  });
});
