import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeCertificateRequest } from '#app/gateways/certificate-request.ts';
import { checkAppleCertificate } from '#app/gateways/check-apple-certificate.ts';
import { lookUpRevocation } from '#app/gateways/crl.ts';
import { askRevocation } from '#app/gateways/ocsp.ts';
import { credentialBytesMax, readCredentials } from '#app/gateways/read-credentials.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import {
  type AppleAuthority,
  type CertificateOrder,
  type IssuedCertificate,
  startAppleAuthority,
} from '#test/support/apple-authority.ts';

let apple: AppleAuthority;
let shop: IssuedCertificate;
let other: IssuedCertificate;
beforeAll(async () => {
  apple = await startAppleAuthority();
  shop = await apple.issue({ passTypeIdentifier: 'pass.com.example.shop' });
  other = await apple.issue({ passTypeIdentifier: 'pass.com.example.other' });
});
afterAll(() => apple.close());

const bytes = (text: string) => Buffer.from(text);
const issuesOf = async (work: () => unknown): Promise<string[]> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof InvalidInput && error.issues)
      return error.issues.map(({ path: field, message }) => `${field}: ${message}`);
    throw error;
  }
  return [];
};
const isSameKey = (keyPem: string | null) =>
  keyPem !== null && keyPem.replaceAll(/\s/g, '') === shop.keyPem.replaceAll(/\s/g, '');

describe('reading an upload', () => {
  it.each(['modern', 'legacy', 'triple-des'] as const)('opens a %s .p12 with its key and its chain', async (kind) => {
    const file = await apple.pack(shop, 'correct horse', kind);
    const read = await readCredentials({ certificate: file, key: null, password: 'correct horse' });
    expect(read.certificatePems.map((pem) => new X509Certificate(pem).fingerprint256)).toContain(
      new X509Certificate(shop.certificatePem).fingerprint256,
    );
    expect(read.certificatePems).toHaveLength(2);
    expect(isSameKey(read.keyPem)).toBe(true);
  });

  it('opens a .p12 without a password', async () => {
    const file = await apple.pack(shop, '', 'modern');
    expect(isSameKey((await readCredentials({ certificate: file, key: null, password: '' })).keyPem)).toBe(true);
  });

  it.each(['modern', 'legacy'] as const)('says that the password of a %s .p12 is wrong, or missing', async (kind) => {
    const file = await apple.pack(shop, 'correct horse', kind);
    const ask = (password: string) => issuesOf(() => readCredentials({ certificate: file, key: null, password }));
    expect(await ask('wrong')).toEqual([expect.stringContaining('password: This password does not open')]);
    expect(await ask('')).toEqual([expect.stringContaining('password: This file is protected')]);
  });

  it('reads PEM with the key beside it, inside it, encrypted, and in the older form', async () => {
    await writeFile(path.join(apple.folder, 'plain.key'), shop.keyPem);
    const older = await apple.openssl('rsa', '-traditional', '-in', 'plain.key');
    const sealed = await apple.openssl('pkcs8', '-topk8', '-in', 'plain.key', '-passout', 'pass:sesame');
    const certificate = bytes(shop.certificatePem);
    for (const files of [
      { certificate, key: bytes(shop.keyPem), password: '' },
      { certificate: bytes(shop.keyPem + shop.certificatePem), key: null, password: '' },
      { certificate, key: sealed, password: 'sesame' },
      { certificate, key: older, password: '' },
    ])
      expect(isSameKey((await readCredentials(files)).keyPem)).toBe(true);
    expect(await issuesOf(() => readCredentials({ certificate, key: sealed, password: 'open' }))).toEqual([
      expect.stringContaining('password: This password does not open'),
    ]);
  });

  it("reads Apple's .cer, which holds no key", async () => {
    const der = new X509Certificate(shop.certificatePem).raw;
    const read = await readCredentials({ certificate: der, key: null, password: '' });
    expect([read.certificatePems.length, read.keyPem]).toEqual([1, null]);
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'certificate: This is not a certificate'],
    ['a picture', Buffer.from('89504e470d0a1a0a', 'hex'), 'certificate: This is not a certificate'],
    ['a broken PEM', bytes('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'), 'certificate: This is not'],
    ['too much', Buffer.alloc(credentialBytesMax + 1, 0x30), 'certificate: This file is too large'],
    ['endless DER', Buffer.from('3084ffffffff020103', 'hex'), 'certificate: This is not a certificate'],
    ['deep DER', Buffer.alloc(60_000, Buffer.from('3080', 'hex')), 'certificate: This is not a certificate'],
  ])('refuses %s by naming the field', async (_name, certificate, expected) => {
    expect(await issuesOf(() => readCredentials({ certificate, key: null, password: '' }))).toEqual([
      expect.stringContaining(expected),
    ]);
  });

  it('gives up on a file that asks for hours of work', async () => {
    const file = await apple.openssl('pkcs12', '-export', '-in', 'leaf1.pem', '-inkey', 'leaf1.key', '-passout', 'pass:x', '-iter', '1'); // prettier-ignore
    const slow = await apple.openssl('pkcs12', '-export', '-in', 'leaf1.pem', '-inkey', 'leaf1.key', '-passout', 'pass:x', '-iter', '3000000', '-nomaciter'); // prettier-ignore
    expect((await readCredentials({ certificate: file, key: null, password: 'x' })).keyPem).not.toBeNull();
    const startedAt = Date.now();
    expect(await issuesOf(() => readCredentials({ certificate: slow, key: null, password: 'x' }))).toEqual([
      expect.stringContaining('certificate: This file took too long'),
    ]);
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  }, 60_000);
});

describe('checking a pass certificate', () => {
  const check = (issued: IssuedCertificate, keyPem = issued.keyPem) =>
    checkAppleCertificate({ certificatePems: [issued.certificatePem, apple.wwdrPem], keyPem, trusted: apple.wwdrPem, at: new Date() }); // prettier-ignore

  it('tells pass type, team and end of a good one', () => {
    expect(check(shop)).toMatchObject({
      passTypeIdentifier: 'pass.com.example.shop',
      teamIdentifier: 'SHOPTEAM01',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(check(shop).expiresAt.getTime() - Date.now()).toBeGreaterThan(364 * 86_400_000);
  });

  it('finds the issuer among several intermediates', async () => {
    const foreign = await apple.openssl('x509', '-in', 'foreign.pem');
    const trusted = `${foreign.toString()}\n${apple.wwdrPem}`;
    const found = checkAppleCertificate({ certificatePems: [shop.certificatePem], keyPem: shop.keyPem, trusted, at: new Date() }); // prettier-ignore
    expect(new X509Certificate(found.intermediatePem).subject).toContain('wwdr');
  });

  it('refuses the key of another certificate', async () => {
    expect(await issuesOf(() => check(shop, other.keyPem))).toEqual([
      'key: This key belongs to another certificate. Export both from the same entry.',
    ]);
  });

  it.each<[string, Partial<CertificateOrder>, string]>([
    ['one that Apple did not issue', { isForeign: true }, 'Apple did not issue this certificate'],
    ['one whose extension names another pass type', { extension: 'pass.com.example.else' }, 'for something else'],
    ['one without the extension', { extension: null }, 'for something else'],
    ['one for an app', { passTypeIdentifier: 'com.example.app' }, 'for something else'],
    ['one without a team', { team: null }, 'names no Apple team'],
    ['one with a strange team', { team: 'Example Ltd' }, 'names no Apple team'],
    ['one that has expired', { days: -1 }, 'This certificate expired on '],
    ['one with a short key', { keyKind: 'rsa:1024' }, 'RSA keys of 2048 bits'],
    ['one with another kind of key', { keyKind: 'ec' }, 'RSA keys of 2048 bits'],
  ])('refuses %s and says what would be right', async (_name, order, expected) => {
    const issued = await apple.issue({ passTypeIdentifier: 'pass.com.example.shop', ...order });
    expect(await issuesOf(() => check(issued))).toEqual([expect.stringContaining(`certificate: `)]);
    expect((await issuesOf(() => check(issued))).join()).toContain(expected);
  });

  it('names everything that is wrong at once', async () => {
    const issued = await apple.issue({ passTypeIdentifier: 'pass.com.example.shop', isForeign: true, days: -3 });
    expect(await issuesOf(() => check(issued, other.keyPem))).toHaveLength(3);
  });

  it("refuses the authority's own certificate", async () => {
    const ask = () => checkAppleCertificate({ certificatePems: [apple.wwdrPem], keyPem: shop.keyPem, trusted: apple.wwdrPem, at: new Date() }); // prettier-ignore
    expect(await issuesOf(ask)).toEqual([expect.stringContaining('certificate of an authority')]);
  });
});

describe('a request made here', () => {
  it('is one OpenSSL verifies, and its certificate fits its key', async () => {
    const made = await makeCertificateRequest('Blue Bottle “Kaffee”');
    await writeFile(path.join(apple.folder, 'made.csr'), made.request);
    const text = (await apple.openssl('req', '-in', 'made.csr', '-verify', '-noout', '-text')).toString();
    expect(text).toContain('2048 bit');
    const issued = await apple.issue({ passTypeIdentifier: 'pass.com.example.made', request: made.request });
    const checked = checkAppleCertificate({ certificatePems: [issued.certificatePem], keyPem: made.keyPem, trusted: apple.wwdrPem, at: new Date() }); // prettier-ignore
    expect(checked.passTypeIdentifier).toBe('pass.com.example.made');
  });
});

describe('asking whether a certificate was revoked', () => {
  const ask = (issued: IssuedCertificate, fetchIt: typeof fetch = fetch) =>
    askRevocation({
      certificate: new X509Certificate(issued.certificatePem),
      issuer: new X509Certificate(apple.wwdrPem),
      at: new Date(),
      fetch: fetchIt,
    });

  it('hears "good" and "revoked" from OpenSSL, and believes neither a turned bit nor an answer to another question', async () => {
    const first = await apple.startResponder([]);
    await first.close();
    const good = await apple.issue({ passTypeIdentifier: 'pass.com.example.good', ocspUrl: first.url });
    const bad = await apple.issue({ passTypeIdentifier: 'pass.com.example.bad', ocspUrl: first.url });
    const responder = await apple.startResponder([bad.certificatePem]);
    const there: typeof fetch = (_url, init) => fetch(responder.url, init);
    try {
      expect([await ask(good, there), await ask(bad, there)]).toEqual(['good', 'revoked']);
      expect(await ask(good, async (url, init) => flipSignature(await there(url, init)))).toBe('unknown');
      // An answer about one certificate is none about another.
      let kept = new ArrayBuffer(0);
      const keep: typeof fetch = async (url, init) => {
        kept = await (await there(url, init)).arrayBuffer();
        return new Response(kept);
      };
      expect(await ask(good, keep)).toBe('good');
      expect(await ask(bad, async () => new Response(kept))).toBe('unknown');
    } finally {
      await responder.close();
    }
  });

  it('finds revoked ones on a signed list that is current, and believes no other', async () => {
    const order = (name: string) => ({ passTypeIdentifier: `pass.com.example.${name}`, listUrl: 'http://127.0.0.1:9/list.crl' }); // prettier-ignore
    const [good, bad] = [await apple.issue(order('listed-good')), await apple.issue(order('listed-bad'))];
    const list = await apple.list([bad.certificatePem]);
    const lookUp = (issued: IssuedCertificate, body: Buffer, at = new Date()) =>
      lookUpRevocation({
        certificate: new X509Certificate(issued.certificatePem),
        issuer: new X509Certificate(apple.wwdrPem),
        at,
        fetch: async () => new Response(new Uint8Array(body)),
      });
    expect([await lookUp(good, list), await lookUp(bad, list)]).toEqual(['good', 'revoked']);
    const turned = Buffer.from(list);
    turned.writeUInt8(turned.readUInt8(60) ^ 1, 60);
    expect([await lookUp(bad, turned), await lookUp(bad, list.subarray(0, 100)), await lookUp(shop, list)]).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(await lookUp(bad, list, new Date(Date.now() + 30 * 86_400_000))).toBe('unknown');
  });

  it('says "unknown" where nobody answers, or nonsense, or no address is given', async () => {
    const silent = await apple.issue({ passTypeIdentifier: 'pass.com.example.silent', ocspUrl: 'http://127.0.0.1:9' });
    expect(await ask(silent)).toBe('unknown');
    for (const body of ['', '0', '<html>', '3003020103'])
      expect(await ask(silent, async () => new Response(Buffer.from(body, 'hex')))).toBe('unknown');
    expect(await ask(silent, async () => new Response('', { status: 500 }))).toBe('unknown');
    expect(await ask(silent, async () => new Response(new Uint8Array(200_000)))).toBe('unknown');
    expect(await ask(shop)).toBe('unknown');
  });
});

/** Turns one bit of the signature, which stands before the enclosed certificates. */
async function flipSignature(answer: Response): Promise<Response> {
  const whole = Buffer.from(await answer.arrayBuffer());
  const signature = whole.indexOf(Buffer.from('0382010100', 'hex'));
  expect(signature).toBeGreaterThan(0);
  whole.writeUInt8(whole.readUInt8(signature + 20) ^ 1, signature + 20);
  return new Response(new Uint8Array(whole));
}
