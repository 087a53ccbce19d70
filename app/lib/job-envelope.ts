/**
 * Signed jobs. The relay signs what it queues; a worker runs only what is exactly as it was queued. Whoever can write into
 * the queue and does not hold a key-encryption key can make a worker do nothing.
 */
import { createHmac } from 'node:crypto';

import { canonical } from '#app/lib/hash-chain.ts';
import { keyEncryptionKeys, newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import { deriveKey, equalBytes, type KeyEncryptionKey } from '#app/lib/sealed-box.ts';

const version = 1;
const envelopeName = '$envelope';
/** What the queue itself adds to jobs of its clock. */
const clockName = '_cron';

type Envelope = { version: number; key: string; mac: string };
type Payload = Record<string, unknown>;

const derived = new WeakMap<KeyEncryptionKey, Buffer>();

function macOf(kek: KeyEncryptionKey, task: string, payload: Payload): Buffer {
  const key = derived.get(kek) ?? deriveKey(kek.bytes, kek.id, 'job-envelope');
  derived.set(kek, key);
  return createHmac('sha256', key)
    .update(`${version}\u0000${task}\u0000${canonical(payload)}`)
    .digest();
}

/** The payload as it is queued: with an envelope that names task, version and key. */
export function signJob(task: string, payload: Payload): Payload {
  const kek = newestKeyEncryptionKey();
  const plain = JSON.parse(JSON.stringify(payload)) as Payload;
  const envelope: Envelope = { version, key: kek.id, mac: macOf(kek, task, plain).toString('base64') };
  return { ...plain, [envelopeName]: envelope };
}

export type OpenedJob = { payload: Payload; problem: null } | { payload: null; problem: string };

const broken = (problem: string): OpenedJob => ({ payload: null, problem });

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const { key, mac, version: given } = value as Partial<Record<keyof Envelope, unknown>>;
  return typeof key === 'string' && typeof mac === 'string' && typeof given === 'number';
}

/** Takes a queued payload out of its envelope, or says why it is not what was queued. */
export function openJob(task: string, queued: unknown): OpenedJob {
  if (typeof queued !== 'object' || queued === null || Array.isArray(queued)) return broken('the payload is no object');
  const { [envelopeName]: envelope, [clockName]: _, ...payload } = queued as Payload;
  if (!isEnvelope(envelope)) return broken('it is not signed');
  if (envelope.version !== version) return broken('the version of its envelope is not known');
  const kek = keyEncryptionKeys().find(({ id }) => id === envelope.key);
  if (kek === undefined) return broken('the key that signed it is not there any more');
  const mac = Buffer.from(envelope.mac, 'base64');
  return equalBytes(mac, macOf(kek, task, payload)) ? { payload, problem: null } : broken('it is not as it was signed');
}
