/** One-time codes of operators, as their phones show them. */
import { setTimeout as wait } from 'node:timers/promises';

import { Secret, TOTP } from 'otpauth';

const periodMs = 30_000;
/** A code ends with its half minute: one that is about to end is not worth typing in. */
const marginMs = 2_000;

/** What the authenticator app shows for an address of ours. Waits for the next code where this one is nearly over. */
export async function codeShown(codeAddress: string): Promise<string> {
  const leftMs = periodMs - (Date.now() % periodMs);
  if (leftMs < marginMs) await wait(leftMs);
  const secret = new URL(codeAddress).searchParams.get('secret') ?? '';
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate();
}
