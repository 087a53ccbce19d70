/**
 * Key management services on one port, as far as wrapping a key goes: AWS KMS (JSON 1.1, signed requests, encryption
 * context) and Google Cloud KMS (REST, bearer token, additional authenticated data).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { z } from 'zod';

import { closeServer, listen, readBody, sendJson } from '#test/platform/http.ts';

export type KeyService = {
  url: string;
  /** Answers with this status until it is set back to null. */
  fail: (status: number | null) => void;
  calls: () => number;
  close: () => Promise<void>;
};

const secret = randomBytes(32);
const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const awsSchema = z.object({
  KeyId: z.string().startsWith('arn:aws:kms:'),
  EncryptionContext: z.record(z.string(), z.string()),
  Plaintext: base64.optional(),
  CiphertextBlob: base64.optional(),
});
const googleSchema = z.object({
  additionalAuthenticatedData: z.base64(),
  plaintext: base64.optional(),
  ciphertext: base64.optional(),
});

function encrypt(plaintext: Buffer, context: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(box: Buffer, context: string): Buffer | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, box.subarray(0, 12)).setAAD(Buffer.from(context));
    decipher.setAuthTag(box.subarray(12, 28));
    return Buffer.concat([decipher.update(box.subarray(28)), decipher.final()]);
  } catch {
    return null;
  }
}

function answerAws(request: IncomingMessage, response: ServerResponse, body: unknown): void {
  if (
    !/^AWS4-HMAC-SHA256 Credential=\S+, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/.test(
      request.headers.authorization ?? '',
    )
  )
    return sendJson(response, 400, { __type: 'IncompleteSignatureException' });
  const asked = awsSchema.parse(body);
  const context = `${asked.KeyId}/${JSON.stringify(asked.EncryptionContext)}`;
  const isDecrypt = request.headers['x-amz-target'] === 'TrentService.Decrypt';
  if (!isDecrypt)
    return sendJson(response, 200, {
      KeyId: asked.KeyId,
      CiphertextBlob: encrypt(asked.Plaintext ?? Buffer.alloc(0), context).toString('base64'),
    });
  const plaintext = decrypt(asked.CiphertextBlob ?? Buffer.alloc(0), context);
  if (plaintext === null) return sendJson(response, 400, { __type: 'InvalidCiphertextException' });
  return sendJson(response, 200, { KeyId: asked.KeyId, Plaintext: plaintext.toString('base64') });
}

function answerGoogle(request: IncomingMessage, response: ServerResponse, body: unknown): void {
  const [, name, verb] = /^\/v1\/(projects\/[^:]+):(encrypt|decrypt)$/.exec(request.url ?? '') ?? [];
  if (name === undefined) return sendJson(response, 404, {});
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return sendJson(response, 401, {});
  const asked = googleSchema.parse(body);
  const context = `${name}/${asked.additionalAuthenticatedData}`;
  if (verb === 'encrypt')
    return sendJson(response, 200, {
      ciphertext: encrypt(asked.plaintext ?? Buffer.alloc(0), context).toString('base64'),
    });
  const plaintext = decrypt(asked.ciphertext ?? Buffer.alloc(0), context);
  return plaintext === null
    ? sendJson(response, 400, {})
    : sendJson(response, 200, { plaintext: plaintext.toString('base64') });
}

/** Starts it. `/token` hands out tokens to service accounts of Google's kind. */
export async function startKeyService(): Promise<KeyService> {
  let failing: number | null = null;
  let calls = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const body = await readBody(request);
      if (request.url?.endsWith('/token') === true)
        return sendJson(response, 200, { access_token: 'token', token_type: 'Bearer', expires_in: 3_600 });
      calls += 1;
      if (failing !== null) return sendJson(response, failing, {});
      const value: unknown = JSON.parse(body.toString('utf8'));
      return request.headers['x-amz-target'] === undefined
        ? answerGoogle(request, response, value)
        : answerAws(request, response, value);
    })();
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    fail: (status) => (failing = status),
    calls: () => calls,
    close: () => closeServer(server),
  };
}
