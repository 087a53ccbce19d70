/**
 * The key-encryption keys of this process, newest first. Those that the environment holds wrapped by a key management
 * service are unwrapped once, at start; until then nothing that needs them may run.
 */
import { env } from '#app/lib/env.ts';
import { invariant } from '#app/lib/errors.ts';
import type { KeyEncryptionKey } from '#app/lib/sealed-box.ts';

let unwrapped: KeyEncryptionKey[] | undefined;

/** Takes the keys as the start has unwrapped them, in the order of the environment. */
export function setKeyRing(keys: KeyEncryptionKey[]): void {
  unwrapped = keys;
}

let plain: { entries: unknown; keys: KeyEncryptionKey[] } | undefined;

/** All key-encryption keys, the newest first. The same objects every time. */
export function keyEncryptionKeys(): KeyEncryptionKey[] {
  if (unwrapped !== undefined) return unwrapped;
  const { KEY_ENCRYPTION_KEYS: entries } = env();
  if (plain?.entries === entries) return plain.keys;
  const keys = entries.map((entry) => {
    invariant('bytes' in entry, 'keys wrapped by a key management service are unwrapped before anything runs');
    return { id: entry.id, bytes: entry.bytes };
  });
  plain = { entries, keys };
  return keys;
}

/** The key that wraps what is new. */
export function newestKeyEncryptionKey(): KeyEncryptionKey {
  const [newest] = keyEncryptionKeys();
  invariant(newest !== undefined, 'there is always a newest key-encryption key');
  return newest;
}
