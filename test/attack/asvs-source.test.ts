/** What the product's own source does and does not do, read from the source: dangers that no single request would show. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';

import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';

import { readEnvironment } from '#app/lib/env.ts';
import { documentHeaders } from '#app/web/document-headers.ts';
import { testEnvironment } from '#test/support/factories.ts';

const root = path.join(import.meta.dirname, '..', '..');
const skipped = new Set(['generated', 'node_modules', 'dist', 'tests']);

type Source = { file: string; text: string; code: string };

/** Without comments: what is only spoken of is not done. */
const withoutComments = (text: string) =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/[^\n]*/g, '$1');

function sourcesBelow(directory: string): Source[] {
  return readdirSync(path.join(root, directory), { withFileTypes: true }).flatMap((entry): Source[] => {
    const file = `${directory}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sourcesBelow(file);
    if (!/\.(ts|tsx|js|mjs|liquid)$/.test(entry.name)) return [];
    const text = readFileSync(path.join(root, file), 'utf8');
    return [{ file, text, code: withoutComments(text) }];
  });
}

let server: Source[];
let all: Source[];
beforeAll(() => {
  server = [...sourcesBelow('app'), ...sourcesBelow('workers')];
  all = [...server, ...sourcesBelow('extensions')];
  if (all.length < 400) throw new Error('the source was not found');
});

/** The files with a place that fits, each once. */
const filesWith = (sources: Source[], pattern: RegExp) =>
  sources.filter(({ code }) => pattern.test(code)).map(({ file }) => file);

/** The first group of every match, with the file it is in. */
const found = (sources: Source[], pattern: RegExp) =>
  sources.flatMap(({ file, code }) => [...code.matchAll(pattern)].map((match) => ({ file, word: match[1] ?? '' })));

describe('code that is made of data', () => {
  it('does not exist: nothing is evaluated, and no pattern is built from what somebody wrote', () => {
    expect(
      filesWith(all, /\beval\s*\(|\bnew Function\b|\bFunction\s*\(|\bvm\b.*\brun|set(Timeout|Interval)\(\s*['"`]/),
    ).toEqual([]);
    expect(filesWith(all, /\bnew RegExp\s*\(|\bRegExp\s*\(/)).toEqual([]);
  });

  it('reaches no shell: one program is started, by its own name, with a list of words', () => {
    expect(filesWith(server, /child_process/)).toEqual(['workers/ask-npm.ts']);
    const [starter] = server.filter(({ file }) => file === 'workers/ask-npm.ts');
    expect(starter?.code).toMatch(/execFile\b/);
    expect(starter?.code).not.toMatch(/shell\s*:|\bexec\(|execSync/);
  });

  it('is never the first thing a log line says: messages are literals, so that nobody’s text is a format', () => {
    const formats = found(server, /\blog\.(?:debug|info|warn|error)\(\s*([^\s])/g).filter(
      ({ word }) => !/['"`]/.test(word),
    );
    expect(formats).toEqual([]);
  });

  it('becomes markup in a browser only where we drew it: codes to scan', () => {
    const places = filesWith(
      all,
      /dangerouslySetInnerHTML|\.innerHTML\s*=|outerHTML|document\.write|insertAdjacentHTML/,
    );
    const markup = found(all, /dangerouslySetInnerHTML=\{\{ __html: ([\w.]+) \}\}/g);
    expect(markup.length).toBeGreaterThan(0);
    expect(new Set(markup.map(({ file }) => file))).toEqual(new Set(places));
    for (const { word } of markup) expect(word).toMatch(/^(link\.)?(code|joinCode)$/);
  });
});

describe('cryptography', () => {
  it('comes from well-known libraries alone', () => {
    const libraries = found(
      server,
      /from '((?:node:crypto|jose|bcryptjs|node-forge|otpauth|crypto-js|tweetnacl|md5|sha\.js)[^']*)'/g,
    );
    expect([...new Set(libraries.map(({ word }) => word))].toSorted()).toEqual([
      'bcryptjs',
      'jose',
      'node-forge',
      'node:crypto',
      'otpauth',
    ]);
  });

  it('hashes with SHA-256; SHA-1 only where Apple, Google or OCSP prescribe it, MD5 nowhere', () => {
    const hashes = found(server, /create(?:Hash|Hmac)\(\s*['"]([\w-]+)['"]/g);
    expect(hashes.length).toBeGreaterThan(20);
    expect([...new Set(hashes.map(({ word }) => word))].toSorted()).toEqual(['sha1', 'sha256']);
    expect(hashes.filter(({ word }) => word === 'sha1').map(({ file }) => file)).toEqual([
      'app/data/cards/rotating-codes.ts',
      'app/gateways/ocsp.ts',
      'app/gateways/packed-files.ts',
      'app/gateways/pass-verifier.ts',
    ]);
  });

  it('encrypts with AES-256 in GCM or with ChaCha20-Poly1305, and in no other mode', () => {
    const named = found(server, /create(?:Cipher|Decipher)iv\(\s*([^,\s]+)/g);
    expect(named.length).toBeGreaterThan(6);
    expect([...new Set(named.map(({ word }) => word))].toSorted()).toEqual(["'aes-256-gcm'", "'chacha20-poly1305'"]);
    expect(
      filesWith(
        server,
        /-(?:ecb|cbc|cfb|ofb|ctr)\b|setAutoPadding|publicEncrypt|privateDecrypt|privateEncrypt|RSAES|RSA1_5/,
      ),
    ).toEqual([]);
  });

  it('takes what nobody may guess from the system’s generator, never from Math.random', () => {
    expect(filesWith(server, /Math\.random/)).toEqual([]);
    expect(filesWith(server, /randomBytes|randomInt|randomUUID/).length).toBeGreaterThan(5);
  });
});

describe('the browser', () => {
  it('keeps nothing of ours but a program that is not saved yet', () => {
    expect(filesWith(all, /localStorage|sessionStorage|indexedDB|document\.cookie|caches\.open/)).toEqual([
      'app/components/admin/program/draft-backup.ts',
    ]);
  });

  it('hides every PIN and password while it is typed', () => {
    const named = all.flatMap(({ file, code }) =>
      [...code.matchAll(/<(?:input|TextField)\b[^>]*\bname="(pin|password|managerPin)"[^>]*/g)].map(([field]) => ({
        file,
        isHidden: field.includes('type="password"'),
      })),
    );
    expect(named.length).toBeGreaterThanOrEqual(3);
    expect(named.filter(({ isHidden }) => !isHidden)).toEqual([]);
    const [own] = all.filter(({ file }) => file === 'app/components/admin/staff/own-pin-card.tsx');
    expect(own?.code).toMatch(/function PinInput[\s\S]*type="password"/);
  });

  it('may fill in every PIN from a password manager, and lets people paste them', () => {
    const fields = all.flatMap(({ file, code }) =>
      [...code.matchAll(/<(?:input|TextField|StepUpField|PinInput)\b(?:[^>]|=>)*/g)].map(([field]) => ({
        file,
        field,
      })),
    );
    const pins = fields.filter(({ field }) => /\bname="(?:pin|managerPin)"|^<PinInput/.test(field));
    expect(pins.length).toBeGreaterThanOrEqual(4);
    expect(pins.filter(({ field }) => !/autoComplete="(?:current|new)-password"/.test(field))).toEqual([]);
    const [own] = all.filter(({ file }) => file === 'app/components/admin/staff/own-pin-card.tsx');
    expect(own?.code).toMatch(/function PinInput[\s\S]*autoComplete=\{autoComplete\}/);
    expect(filesWith(all, /onPaste|addEventListener\('paste'/)).toEqual([]);
  });

  it('names files in words of ours alone', () => {
    const names = found(server, /content-disposition['"]?: ['"`]attachment; filename="([^"]+)"/gi);
    expect(names.length).toBeGreaterThan(5);
    const computed = names.filter(({ word }) => word.includes('$'));
    const chosen =
      /^my-data\.\$\{isCsv \? 'csv' : 'json'\}$|^consent-\$\{sequence === '' \? 'roots' : 'proof'\}\.jsonl$|^liability-\$\{kind\}\.csv$|^\$\{file\.name\}$/;
    expect(computed.filter(({ word }) => !chosen.test(word))).toEqual([]);
    // A name that is handed over is made of a word of ours and a date or an id.
    const handed = found(server, /\bname: ([`'][^`'\n]+\.(?:csv|jsonl?|zip)[`'])/g);
    expect(
      handed.filter(({ word }) => !/^[`'][\w-]*(?:\$\{[\w.() ,?:'-]+\}[\w-]*)*\.(?:csv|jsonl?|zip)[`']$/.test(word)),
    ).toEqual([]);
  });

  it('is asked for nothing that is out of use: no plug-in, no applet, no script from elsewhere', () => {
    const drawn = all.filter(({ file }) => /\.(tsx|liquid)$|html\.ts$|pages\.ts$/.test(file));
    expect(drawn.length).toBeGreaterThan(100);
    expect(filesWith(drawn, /<(object|embed|applet|frame|marquee)[\s>]|x-shockwave|ActiveXObject/i)).toEqual([]);
  });

  it('gets documents that load no plug-in, have no other base, and run no script but their own', () => {
    const policyOf = (isEmbedded: boolean) => {
      const headers = new Headers(isEmbedded ? { 'x-csp-nonce': 'abc' } : {});
      documentHeaders(headers, { isEmbedded, shopDomain: 'a.myshopify.com' });
      return String(headers.get('content-security-policy'));
    };
    for (const policy of [policyOf(true), policyOf(false)]) {
      expect(policy).toContain("object-src 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toContain("form-action 'self'");
      const scripts = policy.split('; ').find((directive) => directive.startsWith('script-src')) ?? '';
      expect(scripts).not.toMatch(/unsafe-|\*|data:/);
    }
    expect(policyOf(true)).toContain("'nonce-abc'");
    expect(policyOf(false)).toContain("script-src 'none'");
  });
});

describe('what leaves over the network', () => {
  it('goes to documented addresses alone, apart from what a merchant names, which is looked at first', () => {
    const documented = readFileSync(path.join(root, 'docs', 'security.md'), 'utf8');
    const hosts = found(
      server.filter(({ file }) => /^(app\/(gateways|flows|lib)|workers)\//.test(file)),
      /https:\/\/([a-z0-9][a-z0-9.-]*\.[a-z]+)/g,
    )
      .map(({ word }) => word)
      .filter((host) => !/(^|\.)example\.com$/.test(host));
    expect(hosts.length).toBeGreaterThan(5);
    expect([...new Set(hosts)].filter((host) => !documented.includes(`\`${host}\``))).toEqual([]);
  });

  it('believes no certificate blindly and speaks no TLS older than 1.2', () => {
    expect(
      filesWith(
        all,
        /rejectUnauthorized\s*:\s*false|NODE_TLS_REJECT|checkServerIdentity|secureProtocol|uselibpqcompat/,
      ),
    ).toEqual([]);
    // What callers may use is said in one place, and tried in own-tls.test.ts.
    expect(found(all, /\b(?:minVersion|maxVersion): ('[^']*')/g)).toEqual([
      { file: 'app/edge/server-tls.ts', word: "'TLSv1.2'" },
      { file: 'app/edge/server-tls.ts', word: "'TLSv1.3'" },
    ]);
    expect([tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION]).toEqual(['TLSv1.2', 'TLSv1.3']);
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const { ssl } = new pg.Client({ connectionString: `postgresql://db.example/x?sslmode=${mode}` });
      expect([mode, ssl]).not.toEqual([mode, false]);
      expect([mode, ssl]).toEqual([mode, expect.not.objectContaining({ rejectUnauthorized: false })]);
    }
  });

  it('is encrypted in production: no database, no public address and no key service without TLS', () => {
    const live: NodeJS.ProcessEnv = {
      ...testEnvironment,
      NODE_ENV: 'production',
      STAMPWELL_ENV: 'production',
      KEY_ENCRYPTION_KEYS: `live-1:${Buffer.alloc(32, 9).toString('base64')}`,
      APP_URL: 'https://loyalty.example.com',
      DATABASE_URL: 'postgresql://db.example/x?sslmode=verify-full',
    };
    expect(readEnvironment(live).isTestClockAllowed).toBe(false);
    for (const [name, value] of [
      ['APP_URL', 'http://loyalty.example.com'],
      ['DATABASE_URL', 'postgresql://db.example/x'],
      ['DATABASE_URL', 'postgresql://db.example/x?sslmode=prefer'],
      ['DATABASE_URL', 'postgresql://db.example/x?sslmode=disable'],
      ['AWS_KMS_URL', 'http://kms.example'],
      ['GOOGLE_KMS_URL', 'http://kms.example'],
      ['APNS_URL', 'http://push.example'],
      ['GOOGLE_WALLET_URL', 'http://wallet.example'],
      ['WALLET_URL', 'http://cards.example'],
      ['PLATFORM_URL', 'http://127.0.0.1:1'],
    ] as const)
      expect(() => readEnvironment({ ...live, [name]: value })).toThrow(name);
  });
});

describe('production', () => {
  it('has no clock to set and no stand-in: they are for tests and the demo', () => {
    for (const stage of ['production', 'staging'] as const) {
      const live = { STAMPWELL_ENV: stage, KEY_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 9).toString('base64')}` };
      const database = { DATABASE_URL: 'postgresql://db.example/x?sslmode=verify-full' };
      expect(
        readEnvironment({ ...testEnvironment, ...database, ...live, NODE_ENV: 'production' }).isTestClockAllowed,
      ).toBe(false);
    }
    expect(filesWith(server, /from '#test\/|from '[./]*test\//)).toEqual([]);
  });

  it('writes its log in one place: to standard output, as a list of fields that may be written', () => {
    expect(filesWith(server, /from 'pino'/)).toEqual(['app/lib/log.ts']);
    expect(filesWith(server, /\bconsole\.(log|info|warn|error|debug)\(/)).toEqual([]);
  });

  it('compares strictly: no value is taken for one of another type', () => {
    const loose = found(server, /([^\n]*[^=!<>]==[^=\n][^\n]*|[^\n]*!=[^=\n][^\n]*)/g).filter(
      ({ word }) => !/[!=]= null/.test(word) && !/['"`/].*[!=]=.*['"`/]/.test(word),
    );
    expect(loose).toEqual([]);
  });

  it('has parts from one registry, each with the fingerprint it must have', () => {
    const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string; integrity?: string; link?: boolean; inBundle?: boolean }>;
    };
    const parts = Object.entries(lock.packages).filter(
      ([name, { link, inBundle }]) => name !== '' && !link && !inBundle,
    );
    expect(parts.length).toBeGreaterThan(500);
    // The lock names an address only for what does not come from the registry.
    const strange = parts.filter(
      ([, { resolved, integrity }]) =>
        resolved?.startsWith('https://registry.npmjs.org/') === false || integrity?.startsWith('sha512-') !== true,
    );
    expect(strange.map(([name]) => name)).toEqual([]);
    const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const versions = Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+[\w.-]*$/.test(version))).toEqual([]);
  });
});

describe('calls to other services', () => {
  it('follow no redirect: an address is the one that was meant, or the call fails', () => {
    // HTTP/2 to Apple has no redirects to follow.
    const gateways = sourcesBelow('app/gateways').filter(({ file }) => file !== 'app/gateways/apns.ts');
    const calls = gateways.flatMap(({ file, code }) =>
      [...code.matchAll(/(?:await|return) (?:fetch|send)\(/g)].map(({ index }) => ({
        file,
        follows: !/redirect: '(error|manual)'/.test(code.slice(index, index + 300)),
      })),
    );
    expect(calls.length).toBeGreaterThan(3);
    expect(calls.filter(({ follows }) => follows)).toEqual([]);
  });
});
