/** Whoever runs the installation makes an account for an operator. */
import { codePlace, disableOperatorRow, insertOperator, recordOperator } from '#app/data/system/operators.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import { codeAddress, newCodeSecret } from '#app/lib/one-time-codes.ts';
import { sealForPlatform } from '#app/lib/platform-box.ts';
import { hashSecret } from '#app/lib/secret-hash.ts';
import { randomBytes } from 'node:crypto';

const namePattern = /^[a-z][a-z0-9.-]{1,39}$/;

export type AddedOperator = {
  name: string;
  /** Both are shown here and never again. */
  password: string;
  codeAddress: string;
};

/**
 * Adds an operator with a password of 192 random bits and a secret for one-time codes. Throws `InvalidInput` for a name that
 * does not fit, `Conflict` for one that is taken.
 */
export async function addOperator({ name }: { name: string }): Promise<AddedOperator> {
  if (!namePattern.test(name))
    throw new InvalidInput(
      'bad-operator-name',
      'The name has 2 to 40 of a-z, 0-9, "." and "-", and begins with a letter',
    );
  const password = randomBytes(24).toString('base64url');
  const secret = newCodeSecret();
  const at = new Date();
  const passwordHash = await hashSecret(password);
  await insertOperator({ name, passwordHash, codeSecret: sealForPlatform(codePlace(name), secret) }, at);
  await recordOperator({ operator: 'command line', action: 'operator.add', object: `operator:${name}`, at });
  return { name, password, codeAddress: codeAddress(secret, name) };
}

/** Shuts an operator out at once, for good. Safe to repeat. Throws `NotFound`. */
export async function disableOperator({ name }: { name: string }): Promise<void> {
  const at = new Date();
  if (!(await disableOperatorRow(name, at))) throw new NotFound('operator-not-found', `There is no operator ${name}`);
  await recordOperator({ operator: 'command line', action: 'operator.disable', object: `operator:${name}`, at });
}
