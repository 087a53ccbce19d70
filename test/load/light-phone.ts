/**
 * Many phones at little cost: each registers one pass, and when it is pushed asks for what changed, fetches the pass and
 * reads its points. Every tenth pass is verified like on a real phone, signature and all.
 */
import { randomBytes } from 'node:crypto';

import { unzipSync } from 'fflate';

import { call } from '#test/platform/http.ts';
import { pointsOn } from '#test/platform/pass-figures.ts';
import { readPass } from '#test/platform/pass-reader.ts';

export type InstalledPass = { serial: string; passTypeIdentifier: string; token: string };

export type LightPhone = {
  pushToken: string;
  /** Told by APNs. */
  wake: () => void;
  /** How many of its fetches were verified. */
  verified: () => number;
};

const verifyEvery = 10;
let fetches = 0;

function pointsIn(pkpass: Buffer, rootPem: string): { points: number; isVerified: boolean } {
  fetches += 1;
  const isVerified = fetches % verifyEvery === 0;
  const files = isVerified
    ? readPass(pkpass, rootPem).files
    : new Map(Object.entries(unzipSync(pkpass, { filter: ({ name }) => name === 'pass.json' })));
  const text = Buffer.from(files.get('pass.json') ?? '').toString('utf8');
  const points = pointsOn(JSON.parse(text) as Record<string, unknown>);
  if (points === null) throw new Error('the pass shows no points');
  return { points, isVerified };
}

/** Registers a phone for a pass. `onHeld` hears the points of each pass it then holds. */
export async function registerLightPhone(
  pass: InstalledPass,
  options: {
    serviceUrl: string;
    rootPem: string;
    onHeld: (points: number) => void;
    onProblem: (problem: string) => void;
  },
): Promise<LightPhone> {
  const device = randomBytes(16).toString('hex');
  const pushToken = randomBytes(32).toString('hex');
  const { serviceUrl, rootPem } = options;
  const authorization = `ApplePass ${pass.token}`;
  const list = `${serviceUrl}/v1/devices/${device}/registrations/${pass.passTypeIdentifier}`;
  const registered = await call({
    url: `${list}/${pass.serial}`,
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ pushToken }),
    certificateAuthority: rootPem,
  });
  if (registered.status !== 201) throw new Error(`a registration was answered with ${registered.status}`);
  let tag = '';
  let verified = 0;
  let isAwake = false;
  let isWokenAgain = false;

  const refresh = async (): Promise<void> => {
    const changed = await call({
      url: tag === '' ? list : `${list}?passesUpdatedSince=${tag}`,
      certificateAuthority: rootPem,
    });
    if (changed.status === 204) return;
    const answer = await call({
      url: `${serviceUrl}/v1/passes/${pass.passTypeIdentifier}/${pass.serial}`,
      headers: { authorization },
      certificateAuthority: rootPem,
    });
    if (changed.status !== 200 || answer.status !== 200)
      throw new Error(`answered with ${changed.status} and ${answer.status}`);
    tag = encodeURIComponent((JSON.parse(changed.body.toString('utf8')) as { lastUpdated: string }).lastUpdated);
    const { points, isVerified } = pointsIn(answer.body, rootPem);
    verified += isVerified ? 1 : 0;
    options.onHeld(points);
  };

  const wake = async (): Promise<void> => {
    isWokenAgain = true;
    if (isAwake) return;
    isAwake = true;
    while (isWokenAgain) {
      isWokenAgain = false;
      await refresh().catch((error: unknown) => options.onProblem(String(error)));
    }
    isAwake = false;
  };
  return { pushToken, wake: () => void wake(), verified: () => verified };
}
