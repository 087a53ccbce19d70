/**
 * Fetches an address that somebody outside named. It leads to the public web or nowhere: https on its own port, the name
 * resolved once, every address it has checked, and the connection made to the very address that was checked; all of it again
 * at each redirect. Nothing of ours is sent along, and the answer has limits of size, time and type.
 */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';

import { InvalidInput, Unavailable } from '#app/lib/errors.ts';
import { isPublicAddress } from '#app/lib/public-address.ts';

export type GuardedRequest = {
  url: string;
  method: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string | Buffer;
};

export type GuardedLimits = {
  /** For everything together: names, redirects and the whole answer. */
  timeoutMs: number;
  /** 0 takes a redirect as the answer. Only a GET is redirected. */
  redirectsMax: number;
  bytesMax: number;
  /** What a successful answer may be; null takes anything. */
  mediaTypes: readonly string[] | null;
};

export type GuardedAnswer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/**
 * Throws `InvalidInput` for an address that is not to be fetched (`url-not-https`, `url-not-public`) and an answer outside
 * its limits (`url-redirects`, `url-too-large`, `url-wrong-type`), `Unavailable` (`url-unreachable`) when nobody answers.
 */
export type GuardedFetch = (request: GuardedRequest, limits: GuardedLimits) => Promise<GuardedAnswer>;

/** How names become addresses, and addresses connections. */
export type Network = {
  resolve: (hostname: string) => Promise<string[]>;
  /** Where to connect to for a checked address; `ca` replaces the authorities that are trusted. */
  dial: (address: string) => { host: string; port: number; ca?: string };
};

const publicWeb: Network = {
  resolve: async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address),
  dial: (host) => ({ host, port: 443 }),
};

/** What is fetched from the real web. */
export const guardedFetch: GuardedFetch = createGuardedFetch(publicWeb);

/** Fetches through a network of choice; the rules are the same. */
export function createGuardedFetch(network: Network): GuardedFetch {
  return async (request, limits) => {
    const signal = AbortSignal.timeout(limits.timeoutMs);
    try {
      return await follow(network, request, { ...limits, signal });
    } catch (error) {
      if (error instanceof InvalidInput) throw error;
      throw new Unavailable('url-unreachable', 'An address did not answer', {
        publicMessage: 'The address did not answer. Please check it, or try again later.',
        cause: error,
      });
    }
  };
}

type Bounds = GuardedLimits & { signal: AbortSignal };

async function follow(network: Network, request: GuardedRequest, bounds: Bounds): Promise<GuardedAnswer> {
  let url = readUrl(request.url);
  for (let redirects = 0; ; redirects += 1) {
    const response = await ask(network, { ...request, url }, bounds);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    const isRedirect = status >= 300 && status < 400 && location !== undefined;
    if (!isRedirect || bounds.redirectsMax === 0 || request.method !== 'GET') return readAnswer(response, bounds);
    response.destroy();
    if (redirects === bounds.redirectsMax)
      throw refusal('url-redirects', `The address leads on more than ${bounds.redirectsMax} times.`);
    url = readUrl(location, url);
  }
}

function refusal(code: string, message: string): InvalidInput {
  return new InvalidInput(code, `An address was refused: ${code}`, {
    publicMessage: message,
    issues: [{ path: 'url', message }],
  });
}

const notHttps = 'Use an address that begins with https:// and names no user, password or port.';
const notPublic = 'This address does not lead to the public web. Use one that everybody can open.';

function readUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base) ? new URL(text, base) : null;
  const isPlain = url?.username === '' && url.password === '' && url.port === '';
  if (url?.protocol !== 'https:' || !isPlain) throw refusal('url-not-https', notHttps);
  return url;
}

async function ask(
  network: Network,
  request: Omit<GuardedRequest, 'url'> & { url: URL },
  { signal }: Bounds,
): Promise<IncomingMessage> {
  const { url, method, headers, body } = request;
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const { host, port, ca } = network.dial(await checkedAddress(network, name, signal));
  const asked = httpsRequest({
    host,
    port,
    method,
    path: `${url.pathname}${url.search}`,
    // The certificate must be the name's, whatever address it has.
    ...(isIP(name) === 0 && { servername: name }),
    ...(ca !== undefined && { ca }),
    headers: { 'accept-encoding': 'identity', 'user-agent': 'Stampwell', ...headers, host: url.host },
    agent: false,
    signal,
  });
  // Once an answer has begun, its reader is told of what goes wrong.
  asked.on('error', () => undefined);
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

/** One private address among public ones is enough to refuse them all: nobody honest has both. */
async function checkedAddress(network: Network, name: string, signal: AbortSignal): Promise<string> {
  const addresses = isIP(name) === 0 ? await within(network.resolve(name), signal) : [name];
  const [first] = addresses;
  if (first === undefined) throw new Error('A name has no address');
  if (!addresses.every(isPublicAddress)) throw refusal('url-not-public', notPublic);
  return first;
}

/** A name server may keep us waiting, and cannot be told to stop. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const ended = once(signal, 'abort').then(() => {
    throw new Error('The time for an address was up');
  });
  return Promise.race([work, ended]);
}

async function readAnswer(response: IncomingMessage, limits: Bounds): Promise<GuardedAnswer> {
  const { headers, statusCode: status = 0 } = response;
  try {
    checkType(headers, status, limits);
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > limits.bytesMax) throw tooLarge(limits);
      parts.push(part);
    }
    return { status, headers, body: Buffer.concat(parts) };
  } finally {
    response.destroy();
  }
}

function checkType(headers: IncomingHttpHeaders, status: number, limits: GuardedLimits): void {
  if (Number(headers['content-length'] ?? 0) > limits.bytesMax) throw tooLarge(limits);
  const isSuccess = status >= 200 && status < 300;
  const wanted = isSuccess ? limits.mediaTypes : null;
  const isPacked = (headers['content-encoding'] ?? 'identity') !== 'identity';
  if (!isPacked && (wanted === null || wanted.includes(mediaTypeOf(headers)))) return;
  throw refusal('url-wrong-type', `The address does not answer with ${(wanted ?? ['plain data']).join(', ')}.`);
}

function mediaTypeOf(headers: IncomingHttpHeaders): string {
  const [type = ''] = headers['content-type']?.split(';') ?? [];
  return type.trim().toLowerCase();
}

function tooLarge({ bytesMax }: GuardedLimits): InvalidInput {
  return refusal('url-too-large', `What the address answers with is larger than ${Math.floor(bytesMax / 1024)} KB.`);
}
