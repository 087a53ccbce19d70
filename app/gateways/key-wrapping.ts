/**
 * Key management services: they hold the key that wraps our key-encryption keys, and unwrap those for us at start. What
 * is wrapped names the key's id and ours as context, so that it does not unwrap as another.
 */
import type * as awsLibrary from '@aws-sdk/client-kms';
import { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';

import { env, type KeyEntry } from '#app/lib/env.ts';
import { Rejected, Unavailable } from '#app/lib/errors.ts';
import type { KeyEncryptionKey } from '#app/lib/sealed-box.ts';

type WrappedEntry = Extract<KeyEntry, { service: string }>;
/** The small interface behind which every service looks alike: the bytes that go in come out again under the same id. */
type KeyService = {
  wrap: (key: { id: string; name: string; bytes: Buffer }) => Promise<Buffer>;
  unwrap: (entry: WrappedEntry) => Promise<Buffer>;
};

const keyBytes = 32;
const timeoutMs = 10_000;
const googleAddress = 'https://cloudkms.googleapis.com';
const googleScope = 'https://www.googleapis.com/auth/cloudkms';

const contextOf = (id: string) => ({ 'stampwell-key': id });

function refusal(service: string, id: string, cause: unknown): Error {
  const status =
    cause instanceof Error && '$metadata' in cause
      ? (cause.$metadata as { httpStatusCode?: number }).httpStatusCode
      : undefined;
  const isFinal = status !== undefined && status >= 400 && status < 500 && status !== 429;
  return isFinal
    ? new Rejected('key-not-unwrapped', `${service} refuses the key "${id}"`, { cause })
    : new Unavailable('key-service-unavailable', `${service} does not answer for the key "${id}"`, { cause });
}

type AwsCall = (library: typeof awsLibrary, client: awsLibrary.KMSClient) => Promise<Uint8Array | undefined>;

/** One call with a client of its own. The library is loaded by those alone who keep a key there: it is large. */
async function askAws({ id, name }: { id: string; name: string }, call: AwsCall): Promise<Buffer> {
  const library = await import('@aws-sdk/client-kms');
  // The region stands in the name of the key.
  const region = name.split(':')[3];
  const endpoint = env().AWS_KMS_URL;
  const client = new library.KMSClient({
    maxAttempts: 3,
    requestHandler: { requestTimeout: timeoutMs, connectionTimeout: timeoutMs },
    ...(region !== undefined && region !== '' && { region }),
    ...(endpoint !== undefined && { endpoint }),
  });
  try {
    return Buffer.from((await call(library, client)) ?? []);
  } catch (error) {
    throw refusal('AWS KMS', id, error);
  } finally {
    client.destroy();
  }
}

const aws: KeyService = {
  wrap: ({ id, name, bytes }) =>
    askAws({ id, name }, async ({ EncryptCommand }, client) => {
      const command = new EncryptCommand({ KeyId: name, Plaintext: bytes, EncryptionContext: contextOf(id) });
      return (await client.send(command)).CiphertextBlob;
    }),
  unwrap: ({ id, name, wrapped }) =>
    askAws({ id, name }, async ({ DecryptCommand }, client) => {
      const command = new DecryptCommand({ KeyId: name, CiphertextBlob: wrapped, EncryptionContext: contextOf(id) });
      return (await client.send(command)).Plaintext;
    }),
};

const decryptedSchema = z.object({ plaintext: z.base64() });
const encryptedSchema = z.object({ ciphertext: z.base64() });

/** With another address of the service, tokens are asked for there as well. */
function googleAuth(name: string): GoogleAuth {
  const base = env().GOOGLE_KMS_URL;
  // Named, because else the library looks for the project on the network and in the shell.
  const projectId = name.split('/')[1] ?? '';
  if (base === undefined) return new GoogleAuth({ scopes: googleScope, projectId });
  const fetchImplementation: typeof fetch = (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    return fetch(`${base}${pathname}${search}`, { ...init, redirect: 'error' });
  };
  return new GoogleAuth({
    scopes: googleScope,
    projectId,
    clientOptions: { transporterOptions: { fetchImplementation } },
  });
}

async function askGoogle<Answer>(
  asked: { id: string; name: string; verb: 'encrypt' | 'decrypt'; body: Record<string, string> },
  schema: z.ZodType<Answer>,
): Promise<Answer> {
  const { id, name, verb, body } = asked;
  let status: number;
  let text: string;
  try {
    const token = await googleAuth(name).getAccessToken();
    const response = await fetch(`${env().GOOGLE_KMS_URL ?? googleAddress}/v1/${name}:${verb}`, {
      method: 'POST',
      redirect: 'error',
      headers: { authorization: `Bearer ${token ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...body,
        additionalAuthenticatedData: Buffer.from(JSON.stringify(contextOf(id))).toString('base64'),
      }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw refusal('Google Cloud KMS', id, error);
  }
  if (status !== 200)
    throw refusal(
      'Google Cloud KMS',
      id,
      Object.assign(new Error(`it answers ${status}`), { $metadata: { httpStatusCode: status } }),
    );
  return schema.parse(JSON.parse(text));
}

const google: KeyService = {
  wrap: async ({ id, name, bytes }) => {
    const body = { plaintext: bytes.toString('base64') };
    return Buffer.from((await askGoogle({ id, name, verb: 'encrypt', body }, encryptedSchema)).ciphertext, 'base64');
  },
  unwrap: async ({ id, name, wrapped }) => {
    const body = { ciphertext: wrapped.toString('base64') };
    return Buffer.from((await askGoogle({ id, name, verb: 'decrypt', body }, decryptedSchema)).plaintext, 'base64');
  },
};

const services: Record<WrappedEntry['service'], KeyService> = { 'aws-kms': aws, 'google-kms': google };

/**
 * The key-encryption keys, those unwrapped that are wrapped, in the order given. Throws `Rejected` when a service refuses
 * one or it is not a key of ours, `Unavailable` when a service does not answer. Safe to repeat.
 */
export async function unwrapKeyEntries(entries: KeyEntry[]): Promise<KeyEncryptionKey[]> {
  return Promise.all(
    entries.map(async (entry) => {
      const bytes = 'bytes' in entry ? entry.bytes : await services[entry.service].unwrap(entry);
      if (bytes.length !== keyBytes) throw new Rejected('key-malformed', `The key "${entry.id}" is not of 32 bytes`);
      return { id: entry.id, bytes };
    }),
  );
}

/** Wraps a new key for a service. Answers the entry for KEY_ENCRYPTION_KEYS; the key itself is told to nobody. */
export async function wrapKeyEntry(wanted: {
  id: string;
  service: WrappedEntry['service'];
  name: string;
  bytes: Buffer;
}): Promise<string> {
  const wrapped = await services[wanted.service].wrap(wanted);
  return `${wanted.id}:${wanted.service}:${wanted.name}#${wrapped.toString('base64')}`;
}
