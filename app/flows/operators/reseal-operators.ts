/** Operators' secrets move under the newest key-encryption key, so that an older one can be taken away. */
import { codePlace, listCodeSecretsNotUnder, writeCodeSecret } from '#app/data/system/operators.ts';
import { newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import { openForPlatform, sealForPlatform } from '#app/lib/platform-box.ts';

const batch = 100;

/** Seals every secret anew that is not under the newest key. Safe to repeat, also after it was cut short. Answers how many. */
export async function resealOperators(): Promise<number> {
  const { id } = newestKeyEncryptionKey();
  let count = 0;
  for (;;) {
    const due = await listCodeSecretsNotUnder(id, batch);
    for (const { name, codeSecret } of due)
      await writeCodeSecret(name, sealForPlatform(codePlace(name), openForPlatform(codePlace(name), codeSecret)));
    count += due.length;
    if (due.length < batch) return count;
  }
}
