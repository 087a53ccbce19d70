/**
 * What it costs to seal and open one field of a person, beside bare AES-256-GCM of node:crypto on the same text: the rest
 * is ours (naming the place, the version, the blind index). CPU time, so that a busy machine does not flatter anyone.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';

import { blindIndex, seal, unseal } from '#app/lib/sealed-box.ts';
import { createShopKeys } from '#app/lib/shop-keys.ts';
import { type BenchResult, median, medianRatio, rounded } from '#test/load/support.ts';

const targetUs = 50;
const fields = 20_000;
const email = 'somebody.with.a.long.name@example.com';

type Contender = 'sealAndOpen' | 'blindIndex' | 'bareAesGcm';

function bareAesGcm(key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const box = Buffer.concat([cipher.update(email, 'utf8'), cipher.final()]);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(cipher.getAuthTag());
  return Buffer.concat([decipher.update(box), decipher.final()]).toString('utf8');
}

/** Microseconds of CPU for one field. */
function costUs(run: () => unknown): number {
  const before = process.cpuUsage();
  for (let count = 0; count < fields; count += 1) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / fields;
}

/** Runs the bench. Fails when sealing and opening a field takes longer than the target. */
export async function benchFieldEncryption({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const rounds = isQuick ? 5 : 15;
  const keys = createShopKeys(randomUUID(), 'aes-256-gcm');
  const bareKey = randomBytes(32);
  const place = { table: 'member_profile', column: 'email', row: randomUUID() };
  const contenders: Record<Contender, () => unknown> = {
    sealAndOpen: () => unseal(keys, place, seal(keys, place, email)),
    blindIndex: () => blindIndex(keys, 'email', email),
    bareAesGcm: () => bareAesGcm(bareKey),
  };
  const costs: Record<Contender, number[]> = { sealAndOpen: [], blindIndex: [], bareAesGcm: [] };
  for (const run of Object.values(contenders)) costUs(run);
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, run] of Object.entries(contenders)) costs[name as Contender].push(costUs(run));
    const shown = Object.entries(costs).map(([name, each]) => `${name} ${rounded(each.at(-1) ?? 0)} µs`);
    console.log(`round ${round}: ${shown.join(', ')} a field`);
  }
  const sealAndOpenUs = median(costs.sealAndOpen);
  if (sealAndOpenUs > targetUs) throw new Error(`a field takes ${rounded(sealAndOpenUs)} µs, and may take ${targetUs}`);
  const ratios = { bareAesGcm: medianRatio(costs.sealAndOpen, costs.bareAesGcm) };
  return {
    bench: 'field-encryption',
    ratio: ratios.bareAesGcm,
    ratios,
    rounds,
    sealAndOpenUs: rounded(sealAndOpenUs),
    blindIndexUs: rounded(median(costs.blindIndex)),
    bareAesGcmUs: rounded(median(costs.bareAesGcm)),
    targetUs,
  };
}
