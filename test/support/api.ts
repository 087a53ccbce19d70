/** The API on a bare HTTP server, and a caller that holds every answer against the published OpenAPI document. */
import http from 'node:http';

import { expect } from 'vitest';
import { z } from 'zod';

import { matchPath } from '#app/contracts/api-operation.ts';
import { handleApi } from '#app/edge/api.ts';
import { handleHealth } from '#app/edge/health.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import { keptCertificates, namePassCertificate } from '#test/support/kept-certificates.ts';

/** Pass certificates, and two key-encryption keys, the newest first. Comes before anything reads the environment. */
export async function prepareApiEnvironment(keys: { newest: Buffer; older: Buffer }): Promise<void> {
  namePassCertificate((await keptCertificates()).files);
  process.env['KEY_ENCRYPTION_KEYS'] =
    `test-2:${keys.newest.toString('base64')},test-1:${keys.older.toString('base64')}`;
}

type ApiResponse = {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  body: Record<string, unknown>;
};
type ApiRequest = {
  method?: string;
  token?: string;
  /** Objects are sent as JSON, texts as they are. */
  body?: unknown;
  headers?: Record<string, string>;
};
export type ApiServer = {
  ask: (path: string, request?: ApiRequest) => Promise<ApiResponse>;
  /** A token by client credentials; all scopes when none are named. */
  tokenOf: (client: { apiClientId: string; apiClientSecret: string }, scope?: string) => Promise<string>;
  close: () => Promise<void>;
};

const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.unknown()) }))),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});
const contentSchema = z.object({ content: z.record(z.string(), z.object({ schema: z.object({ $ref: z.string() }) })) });

type OpenApi = z.infer<typeof documentSchema>;

const schemas = new Map<string, z.ZodType>();

/** A component of the document as something that parses. */
function schemaOf({ components }: OpenApi, name: string): z.ZodType {
  const whole = { $ref: `#/$defs/${name}`, $defs: components.schemas };
  const made = () =>
    z.fromJSONSchema(JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')));
  const schema = schemas.get(name) ?? made();
  schemas.set(name, schema);
  return schema;
}

function holdAgainst(document: OpenApi, asked: { method: string; path: string }, answer: ApiResponse): void {
  const [address = ''] = asked.path.split('?');
  const pattern = Object.keys(document.paths).find((candidate) => matchPath(candidate, address) !== null) ?? '';
  const operation = document.paths[pattern]?.[asked.method.toLowerCase()];
  if (operation === undefined || answer.text === '') return;
  const { content } = contentSchema.parse(operation.responses[answer.status], {
    error: () => `${answer.status} is not documented for ${pattern}`,
  });
  const [mediaType = ''] = answer.headers['content-type']?.split(';') ?? [];
  const reference = content[mediaType]?.schema.$ref.split('/').at(-1);
  expect(reference, `${mediaType} is not documented for ${pattern}`).toBeDefined();
  expect(schemaOf(document, reference ?? '').safeParse(answer.body).error).toBeUndefined();
}

const methodOf = (request: ApiRequest): string => request.method ?? (request.body === undefined ? 'GET' : 'POST');

/** Starts the handlers as `app/server.ts` mounts them. */
export async function startApi(): Promise<ApiServer> {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://edge.invalid');
    const isHealth = url.pathname === '/healthz';
    void (isHealth ? handleHealth(request, response, url.pathname) : handleApi(request, response, url));
  });
  const base = `http://127.0.0.1:${await listen(server, 0)}`;
  const send = async (target: string, request: ApiRequest): Promise<ApiResponse> => {
    const text = typeof request.body === 'string' ? request.body : null;
    const body = text ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
    const answer = await call({
      url: `${base}${target}`,
      method: methodOf(request),
      headers: {
        ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
        ...(body !== undefined && text === null && { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(body !== undefined && { body }),
      timeoutMs: 30_000,
    });
    const told = answer.body.toString('utf8');
    const fields = told.startsWith('{') ? z.record(z.string(), z.unknown()).parse(JSON.parse(told)) : {};
    return { status: answer.status, headers: answer.headers, text: told, body: fields };
  };
  const document = documentSchema.parse((await send('/api/v1/openapi.json', {})).body);
  const ask = async (target: string, request: ApiRequest = {}): Promise<ApiResponse> => {
    const answer = await send(target, request);
    holdAgainst(
      document,
      { method: request.method ?? (request.body === undefined ? 'GET' : 'POST'), path: target },
      answer,
    );
    return answer;
  };
  return {
    ask,
    tokenOf: async ({ apiClientId, apiClientSecret }, scope) => {
      const body = { grant_type: 'client_credentials', client_id: apiClientId, client_secret: apiClientSecret, scope };
      const answer = await ask('/oauth/token', { body });
      expect([answer.status, answer.text]).toEqual([200, answer.text]);
      return String(answer.body['access_token']);
    },
    close: () => closeServer(server),
  };
}
