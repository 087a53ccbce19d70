/**
 * `npm run verify -- ledger|audit|consent [--shop X] [--keys F] [--roots R] [--head H]`: checks what must
 * never have been altered. `npm run verify -- evidence <file> --keys F`: checks one signed statement (a report, a certificate, a root, a
 * proof) by its file alone, without a database. X is a shop's domain or id; without it all shops are checked. F is a file as published at /.well-known/evidence-keys.json: with it
 * signatures are checked too. R is a file of exported signed roots of consents, one JSON object a line: what they cover must
 * still be there. H is an export of the audit log as JSON lines: what its signed head names must still be there. The last line is JSON; the exit status is 1 when something was altered.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { z } from 'zod';

import { followTestClock, openRecords } from '#app/flows/system/open-records.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { verifyEvidence } from '#app/lib/evidence.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { resolveDatabase } from '#prisma/connect.ts';
import { type Verdict, verifyShops } from '#workers/shops.ts';

const publicKeysSchema = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      alg: z.literal('EdDSA'),
      use: z.literal('sig'),
    }),
  ),
});
type PublicKeys = z.infer<typeof publicKeysSchema>['keys'] | null;

const rootSchema = z.object({
  payload: z.object({
    kind: z.literal('consent-root'),
    shopId: z.string(),
    size: z.number().int().positive(),
    root: z.string(),
    headHash: z.string(),
    madeAt: z.string(),
  }),
  keyId: z.string(),
  algorithm: z.literal('Ed25519'),
  signature: z.string(),
});

const headSchema = z.object({
  payload: z.object({
    kind: z.literal('audit-head'),
    shopId: z.string(),
    sequence: z.number().int().nonnegative(),
    hash: z.string().nullable(),
    at: z.string(),
  }),
  keyId: z.string(),
  algorithm: z.literal('Ed25519'),
  signature: z.string(),
});
type SignedHead = z.infer<typeof headSchema>;

type Proofs = { publicKeys: PublicKeys; roots: z.infer<typeof rootSchema>[]; head: SignedHead | null };

/** Every signed statement says what it is. */
const statementSchema = z.object({
  payload: z.looseObject({ kind: z.string() }),
  keyId: z.string(),
  algorithm: z.literal('Ed25519'),
  signature: z.string(),
});

/** Whether these keys signed what the file says, word for word. Throws for a file that holds no statement. */
function verifyFile(file: string, publicKeys: PublicKeys): boolean {
  if (publicKeys === null) throw new Error('A statement is checked with the public keys: add --keys <file>');
  const { payload, ...proof } = statementSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const isGenuine = verifyEvidence({ payload, ...proof }, publicKeys);
  process.stdout.write(`${JSON.stringify({ ok: isGenuine, kind: payload.kind, keyId: proof.keyId })}\n`);
  return isGenuine;
}

const verifiers: Record<string, (shopId: ShopId, proofs: Proofs) => Promise<Verdict>> = {
  ledger: async (shopId) => {
    const { checked, imbalances, entries } = await verifyBalances({ shopId });
    return { checked, firstBad: imbalances[0] ?? null, entries };
  },
  audit: (shopId, { publicKeys, head }) => {
    const known = head?.payload.shopId === shopId ? head.payload : null;
    const knownHead = known?.hash == null ? null : { sequence: known.sequence, hash: Buffer.from(known.hash, 'hex') };
    return verifyChain({ shopId, chain: 'audit', publicKeys, knownHead });
  },
  consent: (shopId, { publicKeys, roots }) => verifyChain({ shopId, chain: 'consent', publicKeys, roots }),
};

function readPublicKeys(file: string): PublicKeys {
  return publicKeysSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).keys;
}

function readRoots(file: string): Proofs['roots'] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => rootSchema.parse(JSON.parse(line)));
}

/** The first line of an export. Only a head that we signed is evidence against the records. */
function readHead(file: string, publicKeys: PublicKeys): SignedHead {
  const [first = ''] = readFileSync(file, 'utf8').split('\n', 1);
  const head = headSchema.parse(JSON.parse(first));
  if (publicKeys === null) throw new Error('--head needs --keys');
  if (!verifyEvidence(head, publicKeys)) throw new Error('The head of this export was not signed by any of these keys');
  return head;
}

/** Said wherever it was moved, because whoever can write there could have moved it to hide something. */
const sayClock = (testClockAheadMs: number) => (testClockAheadMs === 0 ? {} : { testClockAheadMs });

async function main(): Promise<boolean> {
  const options = {
    shop: { type: 'string' },
    keys: { type: 'string' },
    roots: { type: 'string' },
    head: { type: 'string' },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [what = '', file] = positionals;
  if (what === 'evidence' && file !== undefined && positionals.length === 2)
    return verifyFile(file, values.keys === undefined ? null : readPublicKeys(values.keys));
  const verify = verifiers[what];
  if (verify === undefined || positionals.length !== 1)
    throw new Error(
      'Usage: npm run verify -- ledger|audit|consent [--shop <domain or id>] [--keys <file>] [--roots <file>] [--head <file>]\n   or: npm run verify -- evidence <file> --keys <file>',
    );
  const publicKeys = values.keys === undefined ? null : readPublicKeys(values.keys);
  const proofs: Proofs = {
    publicKeys,
    head: values.head === undefined ? null : readHead(values.head, publicKeys),
    roots: values.roots === undefined ? [] : readRoots(values.roots),
  };
  const database = await resolveDatabase();
  const records = openRecords({ databaseUrl: database.url });
  try {
    const clock = sayClock(await followTestClock());
    const { checked, firstBad, entries } = await verifyShops((shopId) => verify(shopId, proofs), values.shop ?? null);
    process.stdout.write(`${JSON.stringify({ ok: firstBad === null, checked, firstBad, ...entries, ...clock })}\n`);
    return firstBad === null;
  } finally {
    await records.close();
    await database.close();
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
