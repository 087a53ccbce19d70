/**
 * Reads what a merchant uploads as a certificate: .p12, PEM or Apple's own .cer, with the key inside, beside it, or not
 * at all. Done in a thread of its own that is ended when it takes too long.
 */
import { Worker } from 'node:worker_threads';

import { InvalidInput, Unavailable } from '#app/lib/errors.ts';

/** The files as they were sent. `password` is empty where there is none. */
export type CredentialFiles = { certificate: Uint8Array; key: Uint8Array | null; password: string };

export type CredentialReading =
  | { kind: 'read'; certificatePems: string[]; keyPem: string | null }
  | { kind: 'refused'; field: 'certificate' | 'key' | 'password'; problem: string };

export type Credentials = {
  certificatePems: string[];
  /** PKCS #8; null where the files hold none. */ keyPem: string | null;
};

/** Each file. A .p12 with Apple's chain has about 6 KB. */
export const credentialBytesMax = 64 * 1024;
const readTimeMaxMs = 10_000;
const readersMax = 2;
const passwordLengthMax = 256;

let readers = 0;

const words: Readonly<Record<string, string>> = {
  'certificate/unreadable': 'This is not a certificate we can read. Upload a .p12, .pem or .cer file.',
  'certificate/empty': 'This file holds no certificate. Export the pass type certificate together with its key.',
  'certificate/too-large': 'This file is too large. A certificate has less than 64 KB.',
  'certificate/too-slow': 'This file took too long to open. Export it again with the usual settings.',
  'key/unreadable': 'This is not a private key we can read. Upload it as a PEM file.',
  'key/missing': 'This file holds no private key. Export the certificate together with its key.',
  'key/too-large': 'This file is too large. A private key has less than 64 KB.',
  'password/missing': 'This file is protected. Enter the password it was exported with.',
  'password/wrong': 'This password does not open the file. Enter the one it was exported with.',
  'password/too-large': 'This password is too long. At most 256 characters are read.',
};

function refusal(field: 'certificate' | 'key' | 'password', problem: string): InvalidInput {
  const message = words[`${field}/${problem}`] ?? 'This file cannot be read.';
  return new InvalidInput(`credentials-${field}-${problem}`, `Uploaded credentials: ${field} ${problem}`, {
    publicMessage: message,
    issues: [{ path: field, message }],
  });
}

/**
 * The certificates and the key of an upload. Throws `InvalidInput` whose issue names the field and what would be right,
 * `Unavailable` while other uploads are being read. Nothing is kept.
 */
export async function readCredentials(files: CredentialFiles): Promise<Credentials> {
  if (files.certificate.length > credentialBytesMax) throw refusal('certificate', 'too-large');
  if ((files.key?.length ?? 0) > credentialBytesMax) throw refusal('key', 'too-large');
  if (files.password.length > passwordLengthMax) throw refusal('password', 'too-large');
  if (readers >= readersMax)
    throw new Unavailable('too-many-certificate-uploads', 'Other certificates are being read', {
      publicMessage: 'Other certificates are being read. Please try again in a moment.',
      retryAfterMs: 5_000,
    });
  readers += 1;
  try {
    const reading = await readInThread(files);
    if (reading.kind === 'refused') throw refusal(reading.field, reading.problem);
    return { certificatePems: reading.certificatePems, keyPem: reading.keyPem };
  } finally {
    readers -= 1;
  }
}

function readInThread(files: CredentialFiles): Promise<CredentialReading> {
  const worker = new Worker(new URL('credential-thread.ts', import.meta.url), {
    workerData: files,
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  return new Promise((resolve) => {
    const end = (reading: CredentialReading) => {
      clearTimeout(timer);
      resolve(reading);
      void worker.terminate();
    };
    const timer = setTimeout(() => end({ kind: 'refused', field: 'certificate', problem: 'too-slow' }), readTimeMaxMs);
    worker.once('message', end);
    // What breaks the reader (out of memory, a shape no library expected) is the file's fault.
    worker.once('error', () => end({ kind: 'refused', field: 'certificate', problem: 'unreadable' }));
  });
}
