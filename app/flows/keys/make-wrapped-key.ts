/** A new key-encryption key that nobody sees: made here, wrapped by a key management service, unwrapped at every start. */
import { randomBytes } from 'node:crypto';

import { wrapKeyEntry } from '#app/gateways/key-wrapping.ts';
import { InvalidInput } from '#app/lib/errors.ts';

const namePattern = /^(aws-kms|google-kms):([^#\s]{1,512})$/;

/**
 * Answers the entry for KEY_ENCRYPTION_KEYS. `service` is `aws-kms:` and the key's ARN, or `google-kms:` and its resource
 * name. Every call makes another key. Throws `InvalidInput`, `Rejected` and `Unavailable`.
 */
export async function makeWrappedKey({ id, service }: { id: string; service: string }): Promise<string> {
  const [, kind, name] = namePattern.exec(service) ?? [];
  if (!/^[a-z0-9-]{1,16}$/.test(id) || name === undefined || (kind !== 'aws-kms' && kind !== 'google-kms'))
    throw new InvalidInput(
      'key-name-invalid',
      'Name the key by a-z, 0-9 and -, and the service as aws-kms:ARN or google-kms:NAME',
    );
  return wrapKeyEntry({ id, service: kind, name, bytes: randomBytes(32) });
}
