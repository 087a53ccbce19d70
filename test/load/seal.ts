/**
 * How many passes one core seals: ours, beside passkit-generator as shipped, beside the bare RSA signature that no
 * sealer can do without. CPU time, not wall time, so that a busy machine does not flatter anyone.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { PKPass } from 'passkit-generator';
import { buildPassContent } from '#app/domain/cards/pass-content.ts';
import { createPassArtwork } from '#app/gateways/pass-artwork.ts';
import { createSigner, sealPass, withFiles } from '#app/gateways/pass-sealer.ts';
import { createPassStrings, stringsFiles } from '#app/gateways/pass-strings.ts';
import { makeCertificates } from '#test/platform/certificates.ts';
import { type BenchResult, median, medianRatio, rounded } from '#test/load/support.ts';
import { readPass } from '#test/platform/pass-reader.ts';
import { noImages, sampleDesign, samplePassInput, samplePassJson, signerFilesOf } from '#test/support/pass-samples.ts';

/** Of CPU, for each contender. */
const warmUpSeconds = 5;

type Contender = {
  name: 'ours' | 'passkit' | 'rsaSign';
  perRound: number;
  /** How many are under way at once. The two baselines block their thread, so more than one changes nothing for them. */
  inFlight: number;
  run: () => Promise<unknown> | Buffer;
};

async function arrange(isQuick: boolean): Promise<Contender[]> {
  const pems = await makeCertificates();
  const signer = createSigner(signerFilesOf(pems));
  const { stamps } = buildPassContent(samplePassInput());
  const artwork = createPassArtwork({ entriesMax: 4 });
  const images = await artwork.passAssets({ design: sampleDesign, stamps, readImage: noImages });
  const texts = createPassStrings({ entriesMax: 4 });
  const assets = () => withFiles(images, texts(sampleDesign, 'en'));
  const certificates = { wwdr: pems.wwdr, signerCert: pems.passCertificate, signerKey: pems.passKey };
  const key = createPrivateKey(pems.passKey);
  const passJson = samplePassJson();
  const ours = () => sealPass({ assets: assets(), passJson, signer });
  const files = { ...images.images, ...stringsFiles(sampleDesign, 'en') };
  const shipped = () =>
    new PKPass({ ...files, 'pass.json': Buffer.from(JSON.stringify(passJson)) }, certificates).getAsBuffer();
  // Both must be real passes of equal content before their speed means anything.
  const [a, b] = [readPass(await ours(), pems.root), readPass(shipped(), pems.root)];
  if (JSON.stringify(a.passJson) !== JSON.stringify(b.passJson)) throw new Error('the two sealers disagree');
  const manifest = a.files.get('manifest.json') ?? Buffer.alloc(0);
  const scale = isQuick ? 1 : 3;
  return [
    { name: 'passkit', perRound: 20 * scale, inFlight: 1, run: shipped },
    { name: 'ours', perRound: 800 * scale, inFlight: 16, run: ours },
    { name: 'rsaSign', perRound: 800 * scale, inFlight: 1, run: () => sign('sha256', manifest, key) },
  ];
}

/** Passes per second of CPU. */
async function rate({ perRound, inFlight, run }: Contender): Promise<number> {
  const before = process.cpuUsage();
  let started = 0;
  const takeTurns = async () => {
    while (started < perRound) {
      started += 1;
      await run();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, takeTurns));
  return perRound / cpuSecondsSince(before);
}

function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

/** Runs each for the same time before anything counts: a process that seals for a living has compiled its code. */
async function warmUp(contender: Contender): Promise<void> {
  const before = process.cpuUsage();
  while (cpuSecondsSince(before) < warmUpSeconds) await rate(contender);
}

/** Runs the bench. Fails when the two sealers do not make the same pass. */
export async function benchSeal({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const rounds = isQuick ? 5 : 9;
  const contenders = await arrange(isQuick);
  for (const contender of contenders) await warmUp(contender);
  const rates = { ours: [] as number[], passkit: [] as number[], rsaSign: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    for (const contender of contenders) rates[contender.name].push(await rate(contender));
    const shown = contenders.map(({ name }) => `${name} ${rounded(rates[name].at(-1) ?? 0)}/s`);
    console.log(`round ${round}: ${shown.join(', ')} of one core`);
  }
  const ratios = { passkit: medianRatio(rates.ours, rates.passkit), rsaSign: medianRatio(rates.ours, rates.rsaSign) };
  const [ours, passkit, rsaSign] = [rates.ours, rates.passkit, rates.rsaSign].map((each) => rounded(median(each)));
  return { bench: 'seal', ratio: ratios.passkit, ratios, rounds, ours, passkit, rsaSign };
}
