/** An operator signs in, and gets another password: with a password and a one-time code, always both. */
import {
  codePlace,
  deleteOperatorSession,
  findOperator,
  type Operator,
  type OperatorSession,
  putOperatorSession,
  recordOperator,
  renameOperatorSession,
  takeCodeStep,
  useOperatorSession,
  writeCodeSecret,
  writePassword,
} from '#app/data/system/operators.ts';
import { Conflict, Forbidden, Unauthenticated } from '#app/lib/errors.ts';
import { newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import { log } from '#app/lib/log.ts';
import { stepOfCode } from '#app/lib/one-time-codes.ts';
import { openForPlatform, sealForPlatform } from '#app/lib/platform-box.ts';
import { isProposed, type ProposedPassword } from '#app/lib/proposed-password.ts';
import { hashSecret, isSecretOf } from '#app/lib/secret-hash.ts';
import { createHash, randomBytes } from 'node:crypto';

/** Signed in by the real clock: a test clock moves shops, not people. */
const sessionMs = 2 * 3_600_000;
const idleMs = 15 * 60_000;
/** Checking this costs as much as checking a real one: a name nobody has is not told from a wrong password. */
const decoyHash = '$2b$12$87.Bf1sA.7qCa2biWydT4OVCC2JtEx8c4nJsv9lPTjC7Ig17mQ1oW';

/** The secret of a session, shown to the browser only, and when the session ends at the latest. */
export type OpenedSession = { secret: string; expiresAt: Date };

const newSecret = () => randomBytes(32).toString('base64url');
const hashOf = (session: string) => createHash('sha256').update(session).digest();

/** What everybody is told alike. That somebody was refused is on record, unless there is no such operator. */
async function refusal(operator: Operator | null): Promise<Unauthenticated> {
  log.security('authentication failed', { code: 'operator' });
  if (operator !== null)
    await recordOperator({ operator: operator.name, action: 'operator.refused', object: null, at: new Date() });
  return new Unauthenticated('operator-refused', 'An operator could not sign in', {
    publicMessage: 'The name, the password or the code is wrong, or the code was used before.',
  });
}

/** Whether a code was good when it came, and takes it: it is good once. */
async function takeCode(operator: Operator, code: string, cameAt: Date): Promise<boolean> {
  const place = codePlace(operator.name);
  const secret = openForPlatform(place, operator.codeSecret);
  const step = stepOfCode(secret, code, cameAt);
  if (step === null || !(await takeCodeStep(operator.name, step))) return false;
  // The key it was sealed under will be taken away one day.
  if (operator.codeSecret.keyId !== newestKeyEncryptionKey().id)
    await writeCodeSecret(operator.name, sealForPlatform(place, secret));
  log.security('authentication passed', { code: 'operator' });
  return true;
}

/** The operator whose password and code these are. Throws `Unauthenticated`, always with the same words, and `Unavailable`. */
async function proveOperator(given: { name: string; password: string; code: string }): Promise<Operator> {
  // Comparing the password takes a while, in which the code would run out.
  const cameAt = new Date();
  const operator = await findOperator(given.name);
  const isPassword = await isSecretOf(given.password, operator?.passwordHash ?? decoyHash);
  if (operator === null || !isPassword) throw await refusal(operator);
  const { passwordExpiresAt } = operator;
  if (passwordExpiresAt !== null && passwordExpiresAt <= cameAt) throw await refusal(operator);
  if (!(await takeCode(operator, given.code, cameAt))) throw await refusal(operator);
  return operator;
}

/** Opens a session; an earlier one of the operator ends. Throws `Unauthenticated`, always with the same words, and `Unavailable`. */
export async function signInOperator(given: { name: string; password: string; code: string }): Promise<OpenedSession> {
  const operator = await proveOperator(given);
  const secret = newSecret();
  const at = new Date();
  const expiresAt = new Date(at.getTime() + sessionMs);
  await putOperatorSession({ idHash: hashOf(secret), operator: operator.name, at, expiresAt });
  await recordOperator({ operator: operator.name, action: 'operator.sign-in', object: null, at });
  return { secret, expiresAt };
}

/** Shows once more, with a fresh code, that it is them. Throws `Unauthenticated`. */
export async function confirmOperator({ name, code }: { name: string; code: string }): Promise<void> {
  const operator = await findOperator(name);
  if (operator === null || !(await takeCode(operator, code, new Date()))) throw await refusal(operator);
}

/** Gives a session another secret once its operator has shown anew who they are; the one before opens nothing. Throws `Unauthenticated`. */
export async function renewSession(session: string): Promise<OpenedSession> {
  const secret = newSecret();
  const expiresAt = await renameOperatorSession(hashOf(session), hashOf(secret));
  if (expiresAt === null)
    throw new Unauthenticated('session-over', 'A session ended while it was renewed', {
      publicMessage: 'Your session has ended. Sign in again.',
    });
  return { secret, expiresAt };
}

/**
 * Changes the password to one that was proposed in this session, which goes on under another secret. Throws `Unauthenticated`
 * unless the current password and the code are good, `Forbidden` for a password of another origin, and `Conflict` when it was
 * changed meanwhile.
 */
export async function changePassword(asked: {
  session: string;
  name: string;
  current: string;
  code: string;
  proposed: ProposedPassword;
}): Promise<OpenedSession> {
  const { session, name, current, code, proposed } = asked;
  if (!isProposed(session, proposed))
    throw new Forbidden('foreign-password', 'A password was sent that was not proposed', {
      publicMessage: 'Load the page anew and take the password it proposes.',
    });
  const operator = await proveOperator({ name, password: current, code });
  if (!(await writePassword(operator, await hashSecret(proposed.password))))
    throw new Conflict('password-changed', 'The password was changed meanwhile', {
      publicMessage: 'The password was changed meanwhile. Sign in with the new one.',
    });
  await recordOperator({ operator: name, action: 'operator.password', object: null, at: new Date() });
  return renewSession(session);
}

/** The session of a secret, or null when it has ended or was not used for a while. Asking for it counts as using it. */
export async function sessionOfSecret(secret: string): Promise<OperatorSession | null> {
  const at = new Date();
  return useOperatorSession(hashOf(secret), { at, idleSince: new Date(at.getTime() - idleMs) });
}

/** Ends a session. Safe to repeat. */
export async function signOutOperator({ session, name }: { session: string; name: string }): Promise<void> {
  await deleteOperatorSession(hashOf(session));
  await recordOperator({ operator: name, action: 'operator.sign-out', object: null, at: new Date() });
}
