/** Google's side of callbacks: root keys that anybody may read, and calls signed under them as ECv2SigningOnly. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';

const sender = 'GooglePayPasses';
const protocol = 'ECv2SigningOnly';

export type CallbackMessage = {
  classId: string;
  objectId: string;
  eventType: 'save' | 'del';
  expTimeMillis?: number;
  nonce?: string;
};

export type SignedCallback = {
  signature: string;
  intermediateSigningKey: { signedKey: string; signatures: string[] };
  protocolVersion: string;
  signedMessage: string;
};

export type CallbackSigner = {
  /** What `/gp/m/issuer/keys` answers. */
  rootKeys: () => { keys: { keyValue: string; protocolVersion: string; keyExpiration: string }[] };
  sign: (
    message: CallbackMessage,
    options?: { recipientId?: string; intermediateExpiresInMs?: number },
  ) => SignedCallback;
  /** Signs with a new root key from now on. */
  rotate: () => void;
  /** Says that the root keys are over. */
  expireRoots: () => void;
};

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('base64');
const newPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

function lengthPrefixed(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
}

export function createCallbackSigner(): CallbackSigner {
  let root = newPair();
  let rootExpiresAt = Date.now() + 86_400_000;
  const intermediate = newPair();
  return {
    rootKeys: () => ({
      keys: [
        { keyValue: spki(root.publicKey), protocolVersion: protocol, keyExpiration: String(rootExpiresAt) },
        // Google lists keys of other protocols too.
        { keyValue: spki(newPair().publicKey), protocolVersion: 'ECv1', keyExpiration: String(rootExpiresAt) },
      ],
    }),
    sign: (message, { recipientId, intermediateExpiresInMs = 3_600_000 } = {}) => {
      const signedKey = JSON.stringify({
        keyValue: spki(intermediate.publicKey),
        keyExpiration: String(Date.now() + intermediateExpiresInMs),
      });
      const signedMessage = JSON.stringify({ expTimeMillis: Date.now() + 600_000, nonce: randomUUID(), ...message });
      const issuerId = recipientId ?? message.classId.split('.')[0] ?? '';
      const keySignature = sign('sha256', lengthPrefixed(sender, protocol, signedKey), root.privateKey);
      const text = lengthPrefixed(sender, issuerId, protocol, signedMessage);
      return {
        signature: sign('sha256', text, intermediate.privateKey).toString('base64'),
        intermediateSigningKey: { signedKey, signatures: [keySignature.toString('base64')] },
        protocolVersion: protocol,
        signedMessage,
      };
    },
    rotate: () => {
      root = newPair();
    },
    expireRoots: () => {
      rootExpiresAt = Date.now() - 1;
    },
  };
}
