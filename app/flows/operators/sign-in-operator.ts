/** An operator signs in: with a password and a one-time code, always both. */
import {
  codePlace,
  deleteOperatorSession,
  findOperator,
  findSessionOperator,
  insertOperatorSession,
  type Operator,
  recordOperator,
  takeCodeStep,
  writeCodeSecret,
} from '#app/data/system/operators.ts';
import { Unauthenticated } from '#app/lib/errors.ts';
import { newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import { stepOfCode } from '#app/lib/one-time-codes.ts';
import { openForPlatform, sealForPlatform } from '#app/lib/platform-box.ts';
import { isSecretOf } from '#app/lib/secret-hash.ts';
import { createHash, randomBytes } from 'node:crypto';

/** Signed in by the real clock: a test clock moves shops, not people. */
const sessionMs = 2 * 3_600_000;
/** Checking this costs as much as checking a real one: a name nobody has is not told from a wrong password. */
const decoyHash = '$2b$12$87.Bf1sA.7qCa2biWydT4OVCC2JtEx8c4nJsv9lPTjC7Ig17mQ1oW';

const hashOf = (session: string) => createHash('sha256').update(session).digest();

function refusal(): Unauthenticated {
  return new Unauthenticated('operator-refused', 'An operator could not sign in', {
    publicMessage: 'The name, the password or the code is wrong, or the code was used before.',
  });
}

/** Whether a code is good now, and takes it: it is good once. */
async function takeCode(operator: Operator, code: string): Promise<boolean> {
  const place = codePlace(operator.name);
  const secret = openForPlatform(place, operator.codeSecret);
  const step = stepOfCode(secret, code, new Date());
  if (step === null || !(await takeCodeStep(operator.name, step))) return false;
  // The key it was sealed under will be taken away one day.
  if (operator.codeSecret.keyId !== newestKeyEncryptionKey().id)
    await writeCodeSecret(operator.name, sealForPlatform(place, secret));
  return true;
}

/** Opens a session and answers its secret. Throws `Unauthenticated`, always with the same words, and `Unavailable`. */
export async function signInOperator(given: { name: string; password: string; code: string }): Promise<string> {
  const operator = await findOperator(given.name);
  const isPassword = await isSecretOf(given.password, operator?.passwordHash ?? decoyHash);
  if (operator === null || !isPassword || !(await takeCode(operator, given.code))) {
    if (operator !== null)
      await recordOperator({ operator: operator.name, action: 'operator.refused', object: null, at: new Date() });
    throw refusal();
  }
  const session = randomBytes(32).toString('base64url');
  const at = new Date();
  const expiresAt = new Date(at.getTime() + sessionMs);
  await insertOperatorSession({ idHash: hashOf(session), operator: operator.name, at, expiresAt });
  await recordOperator({ operator: operator.name, action: 'operator.sign-in', object: null, at });
  return session;
}

/** Shows once more, with a fresh code, that it is them. Throws `Unauthenticated`. */
export async function confirmOperator({ name, code }: { name: string; code: string }): Promise<void> {
  const operator = await findOperator(name);
  if (operator === null || !(await takeCode(operator, code))) throw refusal();
}

/** Who a session belongs to, or null when it has ended. Never writes. */
export async function operatorOf(session: string): Promise<string | null> {
  return findSessionOperator(hashOf(session), new Date());
}

/** Ends a session. Safe to repeat. */
export async function signOutOperator({ session, name }: { session: string; name: string }): Promise<void> {
  await deleteOperatorSession(hashOf(session));
  await recordOperator({ operator: name, action: 'operator.sign-out', object: null, at: new Date() });
}
