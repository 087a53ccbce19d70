/** Signed statements as files: written as a whole, read only when they are genuine. */
import { randomUUID } from 'node:crypto';
import { rename, readFile, writeFile } from 'node:fs/promises';

import { z } from 'zod';

import { evidencePublicKeys, type Signed, signEvidence, verifyEvidence } from '#app/lib/evidence.ts';

/** Writes a file as a whole: whoever reads sees all of it or none, also after a crash. */
export async function writeWhole(file: string, content: string | Buffer): Promise<void> {
  const draft = `${file}.draft-${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600, flush: true });
  await rename(draft, file);
}

/** Signs a statement and writes it. It should say in its `kind` what it is. */
export async function writeSigned(file: string, payload: { kind: string }): Promise<void> {
  await writeWhole(file, `${JSON.stringify(signEvidence(payload), null, 2)}\n`);
}

/** What a signed file says, or null when it was altered, is signed by an unknown key, or says something else. */
export async function readSigned<Payload>(file: string, schema: z.ZodType<Payload>): Promise<Payload | null> {
  try {
    const signed = JSON.parse(await readFile(file, 'utf8')) as Signed<unknown>;
    return verifyEvidence(signed, evidencePublicKeys()) ? schema.parse(signed.payload) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || error instanceof TypeError) return null;
    throw error;
  }
}
