/** Wire shapes of the OAuth endpoints (RFC 6749 §4.4, RFC 7662). Credentials come by Basic or in the body. */
import { z } from 'zod';

const credentials = { client_id: z.string().max(64).optional(), client_secret: z.string().max(128).optional() };

export const tokenRequestSchema = z.object({
  ...credentials,
  grant_type: z.string().max(64),
  /** Space-separated; without it, everything the client may do. */
  scope: z.string().max(500).optional(),
});

export const tokenAnswerSchema = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  /** Seconds. */
  expires_in: z.int().positive(),
  scope: z.string(),
});

export const introspectionRequestSchema = z.object({
  ...credentials,
  token: z.string().max(4_096),
  token_type_hint: z.string().max(64).optional(),
});

/** Nothing but `active: false` is said of a token that is not valid, or not of the asking client's shop. */
export const introspectionAnswerSchema = z.object({
  active: z.boolean(),
  scope: z.string().optional(),
  client_id: z.string().optional(),
  token_type: z.literal('Bearer').optional(),
  sub: z.string().optional(),
  iss: z.string().optional(),
  aud: z.string().optional(),
  jti: z.string().optional(),
  iat: z.int().optional(),
  nbf: z.int().optional(),
  exp: z.int().optional(),
});

/** RFC 7009 says nothing in its answer. */
export const revocationAnswerSchema = z.object({});

/** `POST /oauth/leaked-key`: a secret that was found somewhere. Old ones are found only with their client's id. */
export const leakedSecretSchema = z.object({
  secret: z.string().min(1).max(256),
  client_id: z.string().max(64).optional(),
});
export const leakedSecretAnswerSchema = z.object({ revoked: z.boolean() });

export const keySetSchema = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      alg: z.literal('EdDSA'),
      use: z.literal('sig'),
    }),
  ),
});

export type LeakedSecretAnswer = z.infer<typeof leakedSecretAnswerSchema>;
export type TokenAnswer = z.infer<typeof tokenAnswerSchema>;
export type IntrospectionAnswer = z.infer<typeof introspectionAnswerSchema>;
