/**
 * What an auditor takes home: one archive of what is promised, configured, kept, purged, allowed and rehearsed, with a signed
 * list of its files. It holds no secret and names no shopper; staff are named by their ids. What a shop takes by itself is less:
 * anybody can open a shop, so it tells nothing of other shops, of the sizes of the whole, or of how the installation is set up.
 */
import { createHash } from 'node:crypto';

import { listAccessReviews } from '#app/data/access/staff-records.ts';
import { listStaff } from '#app/data/access/staff.ts';
import { listAuditMonths } from '#app/data/privacy/audit-months.ts';
import { appendAudit, readChainHead } from '#app/data/privacy/chains.ts';
import { listRoots } from '#app/data/privacy/consent-roots.ts';
import { listPurgeReports, readRetentionChoices } from '#app/data/privacy/retention.ts';
import { listKeys } from '#app/data/shops/shop-keys.ts';
import { listPlatformKeys } from '#app/data/system/key-registry.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { readDrillFigures, readEvidenceFiles, readPublicEvidence } from '#app/gateways/evidence-files.ts';
import { zipEntry } from '#app/gateways/packed-files.ts';
import { finishZip, startZip } from '#app/gateways/zip-store.ts';
import { env } from '#app/lib/env.ts';
import { evidencePublicKeys, signEvidence } from '#app/lib/evidence.ts';
import { keyEncryptionKeys } from '#app/lib/key-ring.ts';
import type { ShopId } from '#app/lib/ids.ts';

const yearMs = 366 * 86_400_000;
const limits = { reviews: 20, purges: 5_000, roots: 400, keys: 200 };

/** Settings that give nothing away; of all others a pack says only whether they are set. */
const openSettings = [
  'STAMPWELL_ENV',
  'APP_URL',
  'WALLET_URL',
  'TRUSTED_PROXY_HOPS',
  'LOG_LEVEL',
  'PASS_FETCHES_PER_SECOND',
  'BACKUP_DAYS_MAX',
  'STANDBYS_EXPECTED',
  'REPLICATION_LAG_SECONDS_MAX',
] as const;

/** The archive of an operator for these shops as of `at`. Safe to repeat; it writes nothing. */
export async function buildEvidencePack(asked: { shopIds: ShopId[]; at: Date }): Promise<Buffer> {
  const files: Files = await readEvidenceFiles();
  files['platform/configuration.json'] = toFile(describeConfiguration());
  files['platform/keys.json'] = toFile({
    keyEncryptionKeys: await listPlatformKeys(limits.keys),
    inUse: keyEncryptionKeys().map(({ id }) => id),
  });
  for (const shopId of asked.shopIds)
    Object.assign(files, namedFor(shopId, await withShop(shopId, (tx) => describeShop(tx, asked.at))));
  return pack(files, asked.at);
}

/** The archive that one shop takes by itself, with a record of who took it. Repeating it leaves another record. */
export async function takeEvidencePack(asked: { shopId: ShopId; actor: string; at: Date }): Promise<Buffer> {
  const { shopId, actor, at } = asked;
  const files: Files = await readPublicEvidence();
  files['platform/drills.json'] = toFile(signEvidence({ kind: 'drill-figures', drills: await readDrillFigures() }));
  const described = await withShop(shopId, async (tx) => {
    const found = await describeShop(tx, at);
    const record = { actor, action: 'evidence.take', object: 'shop', beforeHash: null, afterHash: null, reason: null };
    await appendAudit(tx, { ...record, occurredAt: at });
    return found;
  });
  return pack({ ...files, ...namedFor(shopId, described) }, at);
}

type Files = Record<string, Buffer>;

const toFile = (content: unknown): Buffer => Buffer.from(`${JSON.stringify(content, null, 2)}\n`);

function namedFor(shopId: ShopId, parts: Record<string, unknown>): Files {
  return Object.fromEntries(
    Object.entries(parts).map(([name, content]) => [`shops/${shopId}/${name}.json`, toFile(content)]),
  );
}

function pack(given: Files, at: Date): Buffer {
  const files: Files = { ...given, 'platform/evidence-keys.json': toFile({ keys: evidencePublicKeys() }) };
  const names = Object.keys(files).toSorted();
  const list = names.map((name) => ({ name, ...measure(files[name]) }));
  files['evidence.json'] = toFile(signEvidence({ kind: 'evidence-pack', madeAt: at.toISOString(), files: list }));
  const entries = ['evidence.json', ...names].flatMap((name) => zipEntryOf(name, files[name]));
  return finishZip(startZip(entries), []);
}

function zipEntryOf(name: string, data: Buffer | undefined) {
  return data === undefined ? [] : [zipEntry(name, data)];
}

function measure(data: Buffer | undefined): { bytes: number; sha256: string } {
  return {
    bytes: data?.length ?? 0,
    sha256: createHash('sha256')
      .update(data ?? '')
      .digest('hex'),
  };
}

function describeConfiguration(): Record<string, unknown> {
  const environment: Record<string, unknown> = env();
  const opened = new Set<string>(openSettings);
  return Object.fromEntries(
    Object.keys(environment)
      .toSorted()
      .map((name) => [name, opened.has(name) ? environment[name] : 'set']),
  );
}

async function describeShop(tx: Tx, at: Date): Promise<Record<string, unknown>> {
  const staff = await listStaff(tx);
  const span = { from: new Date(at.getTime() - yearMs), until: at, limit: limits.purges };
  const roots = await listRoots(tx, { before: null, limit: limits.roots });
  return {
    access: {
      people: staff.map(({ userId, role, locations, isLocked, hasPin, expiresAt, lastSeenAt }) => ({
        userId,
        role,
        locations,
        isLocked,
        hasPin,
        expiresAt,
        lastSeenAt,
      })),
      reviews: await listAccessReviews(tx, limits.reviews),
    },
    chains: {
      audit: headOf(await readChainHead(tx, 'audit')),
      consent: headOf(await readChainHead(tx, 'consent')),
      auditMonths: (await listAuditMonths(tx)).map(({ signed, purgedAt }) => ({ signed, purgedAt })),
      consentRoots: roots.map(({ signed }) => signed),
    },
    retention: {
      chosenHours: Object.fromEntries(await readRetentionChoices(tx)),
      runs: await listPurgeReports(tx, span),
    },
    keys: await listKeys(tx, limits.keys),
  };
}

function headOf(head: { sequence: number; hash: Buffer } | null): { sequence: number; hash: string } | null {
  return head === null ? null : { sequence: head.sequence, hash: head.hash.toString('hex') };
}
