/** Whoever runs the installation makes an account for an operator. */
import {
  codePlace,
  deleteSessionOf,
  disableOperatorRow,
  findOperator,
  insertOperator,
  recordOperator,
  writeFirstSecrets,
} from '#app/data/system/operators.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import { codeAddress, newCodeSecret } from '#app/lib/one-time-codes.ts';
import { sealForPlatform } from '#app/lib/platform-box.ts';
import { newPassword } from '#app/lib/proposed-password.ts';
import { hashSecret } from '#app/lib/secret-hash.ts';

const namePattern = /^[a-z][a-z0-9.-]{1,39}$/;
/** Whoever runs the installation has seen it: it is for the first sign-in only, and soon. */
const firstPasswordMs = 24 * 3_600_000;

export type AddedOperator = {
  name: string;
  /** Both are shown here and never again. */
  password: string;
  codeAddress: string;
};

/**
 * Adds an operator with a password of 192 random bits, good for a day, and a secret for one-time codes. Throws `InvalidInput` for
 * a name that does not fit, `Conflict` for one that is taken.
 */
export async function addOperator({ name }: { name: string }): Promise<AddedOperator> {
  if (!namePattern.test(name))
    throw new InvalidInput(
      'bad-operator-name',
      'The name has 2 to 40 of a-z, 0-9, "." and "-", and begins with a letter',
    );
  const at = new Date();
  const { account, shown } = await firstSecrets(name, at);
  await insertOperator(account, at);
  await recordOperator({ operator: 'command line', action: 'operator.add', object: `operator:${name}`, at });
  return shown;
}

/**
 * Starts an operator over who lost their password or their authenticator app, or came too late for the first password: both
 * are new, what was before opens nothing, and their session ends. Each call makes new ones. Throws `NotFound`, also for one
 * who was shut out.
 */
export async function resetOperator({ name }: { name: string }): Promise<AddedOperator> {
  const at = new Date();
  const { account, shown } = await firstSecrets(name, at);
  if (!(await writeFirstSecrets(account)))
    throw new NotFound('operator-not-found', `There is no operator ${name} who may sign in`);
  await recordOperator({ operator: 'command line', action: 'operator.reset', object: `operator:${name}`, at });
  return shown;
}

async function firstSecrets(name: string, at: Date) {
  const password = newPassword();
  const secret = newCodeSecret();
  const passwordHash = await hashSecret(password);
  const passwordExpiresAt = new Date(at.getTime() + firstPasswordMs);
  const codeSecret = sealForPlatform(codePlace(name), secret);
  const shown: AddedOperator = { name, password, codeAddress: codeAddress(secret, name) };
  return { account: { name, passwordHash, passwordExpiresAt, codeSecret }, shown };
}

/** Shuts an operator out at once, for good. Safe to repeat. Throws `NotFound`. */
export async function disableOperator({ name }: { name: string }): Promise<void> {
  const at = new Date();
  if (!(await disableOperatorRow(name, at))) throw new NotFound('operator-not-found', `There is no operator ${name}`);
  await recordOperator({ operator: 'command line', action: 'operator.disable', object: `operator:${name}`, at });
}

/** Ends an operator's session, wherever it is. Safe to repeat; answers whether there was one. Throws `NotFound`. */
export async function endSessionOf({ name }: { name: string }): Promise<boolean> {
  if ((await findOperator(name)) === null) throw new NotFound('operator-not-found', `There is no operator ${name}`);
  const wasOpen = await deleteSessionOf(name);
  const at = new Date();
  await recordOperator({ operator: 'command line', action: 'operator.sign-out', object: `operator:${name}`, at });
  return wasOpen;
}
