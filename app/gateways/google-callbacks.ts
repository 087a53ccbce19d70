/**
 * What Google tells us when a shopper saves or removes a card, signed as ECv2SigningOnly: a root key of Google's signs an
 * intermediate key, which signs the message. Whoever else calls does not get past here.
 */
import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';

import { Unavailable } from '#app/lib/errors.ts';

export type GoogleEvent = {
  classId: string;
  objectId: string;
  kind: 'saved' | 'deleted';
  /** Never the same twice, but for a repeated call. */
  nonce: string;
  /** Until when the call counts. */
  expiresAt: Date;
};

export type GoogleCallbacks = {
  /** The event of a call, or why there is none. Throws `Unavailable` while Google's keys cannot be had. */
  read: (body: unknown) => Promise<GoogleEvent | 'malformed' | 'forged' | 'expired'>;
};

const sender = 'GooglePayPasses';
const protocol = 'ECv2SigningOnly';
const keysTimeoutMs = 5_000;
const keysFreshMs = 3_600_000;
/** A signature that no known key made asks for the keys again, but no faster than this: forgeries are free. */
const keysRepeatMs = 60_000;

const timeSchema = z
  .union([z.number(), z.string().regex(/^\d{1,16}$/)])
  .transform(Number)
  .pipe(z.number().int().min(0).max(8_640_000_000_000_000));
const callSchema = z.object({
  signature: z.string().max(1_000),
  protocolVersion: z.literal(protocol),
  intermediateSigningKey: z.object({
    signedKey: z.string().max(2_000),
    signatures: z.array(z.string().max(1_000)).min(1).max(8),
  }),
  signedMessage: z.string().max(8_000),
});
const signedKeySchema = z.object({ keyValue: z.string(), keyExpiration: timeSchema });
const messageSchema = z.object({
  classId: z.string().max(255),
  objectId: z.string().max(255),
  expTimeMillis: timeSchema,
  eventType: z.enum(['save', 'del']),
  nonce: z.string().min(1).max(255),
});
const rootKeysSchema = z.object({
  keys: z.array(z.object({ keyValue: z.string(), protocolVersion: z.string(), keyExpiration: timeSchema.optional() })),
});

type Call = z.infer<typeof callSchema>;
type RootKey = z.infer<typeof rootKeysSchema>['keys'][number];

/** Reads calls with Google's keys, which are fetched when needed and remembered. */
export function createGoogleCallbacks(options: { keysUrl: string; fetch: typeof fetch }): GoogleCallbacks {
  const roots = createRootKeys(options);
  return {
    read: async (body) => {
      const call = callSchema.safeParse(body);
      const message = call.success ? messageSchema.safeParse(parseJson(call.data.signedMessage)) : null;
      if (!call.success || !message?.success) return 'malformed';
      const { classId, objectId, eventType, nonce, expTimeMillis } = message.data;
      // Signed for the issuer whose class it is; whether that one is ours is the caller's to know.
      const [issuerId = ''] = classId.split('.', 1);
      const isGenuine = async (keys: RootKey[]) => isSigned(call.data, { keys, issuerId });
      if (!(await isGenuine(await roots.known())) && !(await isGenuine(await roots.renewed()))) return 'forged';
      if (expTimeMillis <= Date.now()) return 'expired';
      const kind = eventType === 'save' ? 'saved' : 'deleted';
      return { classId, objectId, kind, nonce, expiresAt: new Date(expTimeMillis) };
    },
  };
}

function isSigned(call: Call, { keys, issuerId }: { keys: RootKey[]; issuerId: string }): boolean {
  const { signedKey, signatures } = call.intermediateSigningKey;
  const intermediate = signedKeySchema.safeParse(parseJson(signedKey));
  if (!intermediate.success || intermediate.data.keyExpiration <= Date.now()) return false;
  const keyText = lengthPrefixed([sender, protocol, signedKey]);
  const isKeyGenuine = keys.some((root) =>
    signatures.some((signature) => isSignedBy(root.keyValue, keyText, signature)),
  );
  const messageText = lengthPrefixed([sender, issuerId, protocol, call.signedMessage]);
  return isKeyGenuine && isSignedBy(intermediate.data.keyValue, messageText, call.signature);
}

/** Each text after its length in bytes, four bytes little-endian. */
function lengthPrefixed(texts: string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

function isSignedBy(keyValue: string, text: Buffer, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(keyValue, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ec' && verify('sha256', text, key, Buffer.from(signature, 'base64'));
  } catch {
    // Not a key at all.
    return false;
  }
}

/** Google's root keys: fetched at most once at a time, kept for an hour, and beyond it while Google does not answer. */
function createRootKeys({ keysUrl, fetch: send }: { keysUrl: string; fetch: typeof fetch }) {
  let kept: { keys: RootKey[]; at: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;

  const renew = async (): Promise<void> => {
    triedAt = performance.now();
    const answer = await send(keysUrl, { redirect: 'error', signal: AbortSignal.timeout(keysTimeoutMs) });
    const { keys } = rootKeysSchema.parse(await answer.json());
    kept = { keys: keys.filter(({ protocolVersion }) => protocolVersion === protocol), at: performance.now() };
  };
  const renewOnce = async (): Promise<void> => {
    fetching ??= renew().finally(() => (fetching = undefined));
    return fetching;
  };
  const unexpired = () =>
    (kept?.keys ?? []).filter(({ keyExpiration }) => keyExpiration === undefined || keyExpiration > Date.now());

  return {
    known: async (): Promise<RootKey[]> => {
      if (kept !== undefined && performance.now() - kept.at < keysFreshMs) return unexpired();
      const failure = await renewOnce().then(
        () => null,
        (error: unknown) => ({ error }),
      );
      const keys = unexpired();
      if (failure !== null && keys.length === 0)
        throw new Unavailable('google-keys-unavailable', 'The keys of Google Wallet could not be fetched', {
          cause: failure.error,
        });
      return keys;
    },
    renewed: async (): Promise<RootKey[]> => {
      if (performance.now() - triedAt >= keysRepeatMs) await renewOnce().catch(() => undefined);
      return unexpired();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
