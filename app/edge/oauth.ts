/** `POST /oauth/token`, `/introspect`, `/revoke`, `/leaked-key`, and the public keys. Errors carry OAuth's own word beside the problem. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { z } from 'zod';

import {
  type IntrospectionAnswer,
  introspectionRequestSchema,
  type LeakedSecretAnswer,
  leakedSecretSchema,
  type TokenAnswer,
  tokenRequestSchema,
} from '#app/contracts/oauth.ts';
import { HttpRefusal, parseJson, readText, sendJson } from '#app/edge/http-exchange.ts';
import { introspectToken } from '#app/flows/api/introspect-token.ts';
import { issueApiToken } from '#app/flows/api/issue-api-token.ts';
import { revokeLeakedSecret } from '#app/flows/api/revoke-leaked-secret.ts';
import { revokeToken } from '#app/flows/api/revoke-token.ts';
import { InvalidInput, Unauthenticated } from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';
import { publicKeySet } from '#app/lib/signing-keys.ts';
import { refuseNetwork } from '#app/web/authenticate-api.ts';
import { describeFailure, describeStatus } from '#app/web/problem.ts';
import { requestAddress } from '#app/web/request-address.ts';
import { countSecretAttempt, trySecret } from '#app/web/secret-attempts.ts';
import { demandOpenNetwork, springTrap } from '#app/web/watchers.ts';

const bodyBytesMax = 16 * 1024;
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' };

type Credentials = { clientId: string; clientSecret: string };

function parseForm(text: string): unknown {
  const form = new URLSearchParams(text);
  const names = [...form.keys()];
  if (new Set(names).size !== names.length)
    throw new HttpRefusal(400, { code: 'invalid-request', detail: 'A parameter is given twice.' });
  return Object.fromEntries(form);
}

async function readRequest<Shape extends z.ZodType>(request: IncomingMessage, schema: Shape): Promise<z.infer<Shape>> {
  const text = await readText(request, bodyBytesMax);
  const isJson = /^application\/json\b/i.test(request.headers['content-type'] ?? '');
  const parsed = schema.safeParse(isJson ? parseJson(text) : parseForm(text));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new HttpRefusal(400, { code: 'invalid-request', detail: `Missing or malformed: ${fields || 'the body'}.` });
}

/** Basic credentials are form-encoded before they are base64 (RFC 6749 §2.3.1). */
function basicCredentials(header: string): Credentials | null {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(header) ?? [];
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return null;
  try {
    return {
      clientId: decodeURIComponent(text.slice(0, colon)),
      clientSecret: decodeURIComponent(text.slice(colon + 1)),
    };
  } catch {
    return null;
  }
}

type CredentialFields = { client_id?: string | undefined; client_secret?: string | undefined };

function bodyCredentials({ client_id: clientId, client_secret: clientSecret }: CredentialFields): Credentials | null {
  return clientId === undefined || clientSecret === undefined ? null : { clientId, clientSecret };
}

function credentialsOf(request: IncomingMessage, body: CredentialFields): Credentials {
  const header = request.headers.authorization;
  const given = header === undefined ? bodyCredentials(body) : basicCredentials(header);
  if (given === null)
    throw new Unauthenticated('invalid-client', 'No client credentials were given', {
      publicMessage: 'Give the client id and secret, by Basic authentication or in the body.',
    });
  if (header !== undefined && body.client_secret !== undefined)
    throw new HttpRefusal(400, { code: 'invalid-request', detail: 'Give the credentials in one place only.' });
  return given;
}

const guessOf = ({ clientId: target, clientSecret: secret }: Credentials, address: string) => ({
  address,
  target,
  secret,
});

/** A key that nobody should have is answered like any wrong one. Networks that tried one are refused for a while. */
async function refuseTrap(tried: { clientId: string; address: string }): Promise<void> {
  demandOpenNetwork(tried.address);
  if (!(await springTrap(tried))) return;
  log.security('authentication failed', { code: 'canary-key' });
  throw new Unauthenticated('invalid-client', 'A key that is a trap was tried', {
    publicMessage: 'The client id or secret is wrong.',
  });
}

async function answerToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readRequest(request, tokenRequestSchema);
  if (body.grant_type !== 'client_credentials')
    throw new HttpRefusal(400, { code: 'unsupported-grant-type', detail: 'Only client_credentials is offered.' });
  const credentials = credentialsOf(request, body);
  const address = requestAddress(request);
  const asked = body.scope?.split(' ').filter((scope) => scope !== '') ?? [];
  const scopes = asked.length === 0 ? null : [...new Set(asked)];
  const issued = await trySecret(guessOf(credentials, address), async () => {
    await refuseTrap({ clientId: credentials.clientId, address });
    return issueApiToken({ ...credentials, scopes, address });
  });
  if (issued.kind === 'foreign-network') throw await refuseNetwork({ ...issued, clientId: credentials.clientId });
  const answer: TokenAnswer = {
    access_token: issued.accessToken,
    token_type: 'Bearer',
    expires_in: issued.expiresInSeconds,
    scope: issued.scopes.join(' '),
  };
  sendJson(response, 200, { value: answer, headers: noStore });
}

async function answerIntrospection(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readRequest(request, introspectionRequestSchema);
  const credentials = credentialsOf(request, body);
  const address = requestAddress(request);
  const claims = await trySecret(guessOf(credentials, address), async () => {
    await refuseTrap({ clientId: credentials.clientId, address });
    return introspectToken({ ...credentials, token: body.token });
  });
  const answer: IntrospectionAnswer =
    claims === null
      ? { active: false }
      : {
          active: true,
          scope: claims.scopes.join(' '),
          client_id: claims.clientId,
          token_type: 'Bearer',
          sub: claims.clientId,
          iss: claims.issuer,
          aud: claims.audience,
          jti: claims.tokenId,
          iat: claims.issuedAt,
          nbf: claims.notBefore,
          exp: claims.expiresAt,
        };
  sendJson(response, 200, { value: answer, headers: noStore });
}

/** RFC 7009: whatever token was given, the answer is the same. */
async function answerRevocation(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readRequest(request, introspectionRequestSchema);
  const credentials = credentialsOf(request, body);
  await trySecret(guessOf(credentials, requestAddress(request)), () =>
    revokeToken({ ...credentials, token: body.token }),
  );
  sendJson(response, 200, { value: {}, headers: noStore });
}

/** Whoever holds a secret may end it; of a wrong one nothing is told but that it is no secret of ours. */
async function answerLeak(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { secret, client_id: clientId = null } = await readRequest(request, leakedSecretSchema);
  const attempt = countSecretAttempt({ address: requestAddress(request), target: 'leaked-key' });
  const isRevoked = await revokeLeakedSecret({ secret, clientId });
  if (isRevoked) attempt.succeeded();
  sendJson(response, 200, { value: { revoked: isRevoked } satisfies LeakedSecretAnswer, headers: noStore });
}

const posts = {
  '/oauth/token': answerToken,
  '/oauth/introspect': answerIntrospection,
  '/oauth/revoke': answerRevocation,
  '/oauth/leaked-key': answerLeak,
} as const;

/** OAuth clients look for `error`; everybody else for the problem's own fields. */
function refuse(response: ServerResponse, path: string, error: unknown): void {
  const described =
    error instanceof HttpRefusal
      ? {
          status: error.status,
          problem: describeStatus(error.status, { ...error.details, instance: path }),
          headers: error.details.headers ?? {},
        }
      : describeFailure(error, path);
  // RFC 6749 answers 400 where the scope does not fit.
  const status = error instanceof InvalidInput ? 400 : described.status;
  const word = status === 503 ? 'temporarily_unavailable' : described.problem.code.replaceAll('-', '_');
  const title = STATUS_CODES[status] ?? described.problem.title;
  const value = { error: word, error_description: described.problem.detail, ...described.problem, title, status };
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="Stampwell API"' } : {};
  sendJson(response, status, { value, headers: { ...noStore, ...challenge, ...described.headers } });
}

/** Handles one request to `/oauth/…` or for the public keys. */
export async function handleOauth(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  try {
    if (path === '/.well-known/jwks.json') {
      demandMethod(request, ['GET', 'HEAD']);
      return sendJson(response, 200, { value: publicKeySet(), headers: { 'cache-control': 'public, max-age=300' } });
    }
    const handle = Object.entries(posts).find(([known]) => known === path)?.[1];
    if (handle === undefined)
      throw new HttpRefusal(404, { code: 'not-found', detail: 'There is nothing at this address.' });
    demandMethod(request, ['POST']);
    await handle(request, response);
  } catch (error) {
    refuse(response, path, error);
  }
}

function demandMethod(request: IncomingMessage, allowed: string[]): void {
  if (allowed.includes(request.method ?? '')) return;
  const detail = `Only ${allowed.join(' and ')} is allowed here.`;
  throw new HttpRefusal(405, { code: 'method-not-allowed', detail, headers: { allow: allowed.join(', ') } });
}
