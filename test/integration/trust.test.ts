/** What we say of ourselves is made from what is there: the data map from the database, the agreement from the map. */
import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { trustSchema } from '#app/contracts/trust.ts';
import { dataMap, personalData } from '#app/domain/privacy/data-map/data-map.ts';
import { processingRegister } from '#app/domain/privacy/agreement.ts';
import { listDisclosures } from '#app/data/system/disclosures.ts';
import { acceptAgreement, hasAgreed, objectToAgreement } from '#app/flows/privacy/answer-agreement.ts';
import { announceAgreement, publishAgreement } from '#app/flows/privacy/publish-agreement.ts';
import { reportWeakness } from '#app/flows/security/report-weakness.ts';
import { env } from '#app/lib/env.ts';
import { promises } from '#app/lib/promises.ts';
import { registeredIssuers } from '#app/queries/registered-issuers.ts';
import { shopTrust } from '#app/queries/shop-trust.ts';
import { call } from '#test/platform/http.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let system: TestSystem;
let edge: Edge;
let shop: TestShop;
let other: TestShop;

const host = {
  name: 'Example Hosting',
  purpose: 'Servers',
  countries: ['FR'],
  data: 'Everything, encrypted',
  guarantee: 'Inside the EEA',
};

beforeAll(async () => {
  system = await openTestSystem('stampwell_worker');
  edge = await startEdge();
  [shop, other] = [await makeShop(), await makeShop()];
});
afterAll(async () => {
  await edge.close();
  await system.close();
});

/** A pass certificate with 30 days left, from an authority of this name. */
function passCertificate(authority: string): string {
  const { privateKey, publicKey } = forge.pki.rsa.generateKeyPair({ bits: 1024 });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date();
  certificate.validity.notAfter = new Date(Date.now() + 30 * 86_400_000);
  certificate.setSubject([
    { type: '0.9.2342.19200300.100.1.1', value: 'pass.com.example.card' },
    { name: 'commonName', value: 'Pass Type ID' },
  ]);
  certificate.setIssuer([{ name: 'organizationName', value: authority }]);
  certificate.sign(privateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

async function columnsOfDatabase(): Promise<string[]> {
  const rows = await system.sql<{ name: string }>(
    `select c.relname || '.' || a.attname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> '_prisma_migrations'
     order by 1`,
  );
  return rows.map(({ name }) => name);
}

describe('the data map', () => {
  it('F01 C10 classifies every column of the database, and none that is not there', async () => {
    const mapped = dataMap().flatMap(({ table, columns }) => columns.map(({ name }) => `${table}.${name}`));
    const real = await columnsOfDatabase();
    expect(mapped.filter((name) => !real.includes(name))).toEqual([]);
    expect(real.filter((name) => !mapped.includes(name))).toEqual([]);
    expect(new Set(mapped).size).toBe(mapped.length);
  });

  it('F01 notices a column that nobody classified', async () => {
    await system.sql('create table unclassified (shoe_size integer)');
    const real = await columnsOfDatabase();
    await system.sql('drop table unclassified');
    const mapped = new Set(dataMap().flatMap(({ table, columns }) => columns.map(({ name }) => `${table}.${name}`)));
    expect(real.filter((name) => !mapped.has(name))).toEqual(['unclassified.shoe_size']);
  });

  it('W04 names a purpose and a legal basis for every table, and a basis wherever a person is concerned', () => {
    expect(processingRegister().flatMap(({ tables }) => tables)).toHaveLength(dataMap().length);
    for (const { table, basis } of personalData()) expect([table, basis]).not.toEqual([table, 'no person concerned']);
  });
});

const newestVersion = async () => (await shopTrust(shop.shopId)).agreement?.version ?? 0;

describe('the agreement with merchants', () => {
  it('L23 W27 C12 gets a new version when a company is added, and every shop is told and asked again', async () => {
    await publishAgreement('[]');
    const first = await newestVersion();
    await acceptAgreement({ shopId: shop.shopId, version: first, actor: 'staff:1' });
    expect((await shopTrust(shop.shopId)).isPending).toBe(false);
    expect(await publishAgreement('[]')).toBe(false);

    expect(await publishAgreement(JSON.stringify([host]))).toBe(true);
    for (const { shopId } of [shop, other, shop]) await announceAgreement({ shopId });
    for (const { shopId } of [shop, other]) {
      const { agreement, isPending, history } = await shopTrust(shopId);
      expect(agreement?.version).toBe(first + 1);
      expect(isPending).toBe(true);
      expect(history[0]?.version).toBe(agreement?.version);
      expect(agreement?.annexes.subProcessors.map(({ name }) => name)).toContain('Example Hosting');
    }
    const notices = await system.sql<{ count: string }>(
      `select count(*) from audit_record where action = 'agreement.announce' and object = $1`,
      [`agreement:${first + 1}`],
    );
    expect(Number(notices[0]?.count)).toBe(2);
  });

  it('W05 counts as agreed only once the merchant accepted, and the one before still counts until the new one does', async () => {
    const fresh = await makeShop();
    expect(await hasAgreed(fresh.shopId)).toBe(false);
    expect(await hasAgreed(shop.shopId)).toBe(true);
    const version = await newestVersion();
    await expect(acceptAgreement({ shopId: fresh.shopId, version: version - 1, actor: 'staff:1' })).rejects.toThrow(
      'not the newest',
    );
    await acceptAgreement({ shopId: fresh.shopId, version, actor: 'staff:1' });
    expect(await hasAgreed(fresh.shopId)).toBe(true);
    expect((await shopTrust(other.shopId)).history.every(({ acceptedAt }) => acceptedAt === null)).toBe(true);
  });

  it('W27 keeps an objection, with the reason in the audit log, until the version is accepted', async () => {
    const version = await newestVersion();
    const objecting = { shopId: other.shopId, version, actor: 'staff:2' };
    await expect(objectToAgreement({ ...objecting, objection: '  ' })).rejects.toThrow('says nothing');
    await objectToAgreement({ ...objecting, objection: 'Not this company, please.' });
    expect((await shopTrust(other.shopId)).history[0]?.objection).toBe('Not this company, please.');
    await acceptAgreement(objecting);
    await expect(objectToAgreement({ ...objecting, objection: 'Too late' })).rejects.toThrow('accepted');
  });

  it('refuses a list of companies that is not one, and says where', async () => {
    await expect(publishAgreement('{')).rejects.toThrow('SUB_PROCESSORS_FILE');
    await expect(publishAgreement(JSON.stringify([{ ...host, countries: ['France'] }]))).rejects.toThrow('countries');
  });
});

describe('what anybody may know', () => {
  it('K10 F30 C06 is published from the running configuration, every claim with its id', async () => {
    const answer = await call({ url: `${edge.url}/trust.json`, method: 'GET' });
    expect(answer.status).toBe(200);
    const told = trustSchema.parse(JSON.parse(answer.body.toString('utf8')));
    expect(told.claims.map(({ id }) => id)).toEqual(promises().map(({ id }) => id));
    expect(told.claims).toHaveLength(124);
    expect(told.retention.length).toBeGreaterThan(10);
    expect(told.subProcessors.map(({ name }) => name)).toContain('Example Hosting');
    expect(JSON.stringify(told)).not.toContain(process.env['KEY_ENCRYPTION_KEYS'] ?? 'nothing');
  });

  it('W23 is how our issuers stand with Apple and Google: registered, ended, a stand-in or not there', async () => {
    const states = (known: Partial<ReturnType<typeof env>>, at = new Date()) => {
      const none = {
        APPLE_PASS_CERTIFICATE_FILE: undefined,
        GOOGLE_ISSUER_ID: undefined,
        GOOGLE_SERVICE_ACCOUNT_FILE: undefined,
        GOOGLE_WALLET_URL: undefined,
        PLATFORM_URL: undefined,
      };
      return registeredIssuers({ ...none, ...known }, at).map(({ state, issuer }) => [state, issuer]);
    };
    const [apple, google] = [
      { APPLE_PASS_CERTIFICATE_FILE: passCertificate('Apple Inc.') },
      { GOOGLE_ISSUER_ID: '3388', GOOGLE_SERVICE_ACCOUNT_FILE: '{}' },
    ];
    expect(states({})).toEqual([
      ['not registered', null],
      ['not registered', null],
    ]);
    expect(states({ ...apple, ...google })).toEqual([
      ['registered', 'pass.com.example.card'],
      ['registered', '3388'],
    ]);
    expect(states(apple, new Date(Date.now() + 40 * 86_400_000))[0]).toEqual(['ended', 'pass.com.example.card']);
    expect(states({ APPLE_PASS_CERTIFICATE_FILE: passCertificate('Somebody') })[0]?.[0]).toBe('stand-in');
    expect(states({ ...google, PLATFORM_URL: 'http://127.0.0.1:1' })[1]?.[0]).toBe('stand-in');
    const { body } = await call({ url: `${edge.url}/trust.json` });
    expect(trustSchema.parse(JSON.parse(body.toString('utf8'))).issuers).toEqual(registeredIssuers(env(), new Date()));
  });

  it('K11 C11 tells researchers whom to write to, as RFC 9116 wants it', async () => {
    const answer = await call({ url: `${edge.url}/.well-known/security.txt`, method: 'GET' });
    const lines = answer.body.toString('utf8').trim().split('\n');
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(lines.every((line) => /^[A-Z][A-Za-z-]+: \S/.test(line))).toBe(true);
    expect(URL.canParse(field('Contact'))).toBe(true);
    const daysLeft = (Date.parse(field('Expires')) - Date.now()) / 86_400_000;
    expect(daysLeft).toBeGreaterThan(1);
    expect(daysLeft).toBeLessThan(365);
  });

  it('K11 keeps a report sealed, and refuses one that says nothing', async () => {
    const what = 'canary-weakness-4711: the lock on the door can be picked';
    const reportId = await reportWeakness({ what, where: '/door', contact: 'finder@example.com' });
    expect((await listDisclosures(10)).find((report) => report.reportId === reportId)?.what).toBe(what);
    expect(await findInDatabase(system, ['canary-weakness-4711', 'finder@example.com'])).toEqual([]);
    await expect(reportWeakness({ what: 'bad', where: '', contact: '' })).rejects.toThrow('not complete');
  });
});
