/** Small HTTP pieces the stand-ins share. */
import http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';

export type Call = {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Root certificates to trust besides the system's, as PEM. */
  certificateAuthority?: string;
  timeoutMs?: number;
};

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; durationMs: number };

const plainAgent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const secureAgents = new Map<string, https.Agent>();

function secureAgent(certificateAuthority: string | undefined): https.Agent {
  const key = certificateAuthority ?? '';
  const agent =
    secureAgents.get(key) ?? new https.Agent({ keepAlive: true, maxSockets: 256, ca: certificateAuthority });
  secureAgents.set(key, agent);
  return agent;
}

/** Makes one request and reads the whole answer. Redirects are not followed. Rejects when the connection fails. */
export function call(options: Call): Promise<Answer> {
  const startedAt = performance.now();
  const url = new URL(options.url);
  const isSecure = url.protocol === 'https:';
  const body = options.body === undefined ? undefined : Buffer.from(options.body);
  const headers = { ...options.headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) };
  return new Promise((resolve, reject) => {
    const settings = {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      headers,
      agent: isSecure ? secureAgent(options.certificateAuthority) : plainAgent,
      timeout: options.timeoutMs ?? 15_000,
    };
    const request = (isSecure ? https : http).request(url, settings, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          durationMs: performance.now() - startedAt,
        }),
      );
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${settings.timeout} ms`)));
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The other side let go of a kept connection in the moment it was taken again: nobody has read the request.
      if (request.reusedSocket && error.code === 'ECONNRESET') resolve(call(options));
      else reject(error);
    });
    request.end(body);
  });
}

const bodyBytesMax = 8 * 1024 * 1024;

/** Reads a request's body; rejects past 8 MiB, which no caller of a stand-in has reason to send. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > bodyBytesMax) throw new Error('the body is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Reads a JSON or form body into plain values; an unreadable one is an empty object. */
export async function readFields(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = (await readBody(request)).toString('utf8');
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text));
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

/** Answers with a text of some type. */
export function sendText(response: ServerResponse, status: number, type: string, text: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(text);
}

/** Listens on loopback and tells the port; 0 asks for any free one. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Stops listening and cuts what is still connected. */
export function closeServer(server: http.Server | https.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
