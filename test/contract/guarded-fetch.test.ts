/** What somebody outside may make us fetch: a real TLS server stands for the whole public web. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { createGuardedFetch, type GuardedLimits } from '#app/lib/guarded-fetch.ts';
import { InvalidInput, Unavailable } from '#app/lib/errors.ts';
import { keptCertificates } from '#test/support/kept-certificates.ts';

const publicAddress = '93.184.216.34';
const limits: GuardedLimits = { timeoutMs: 20_000, redirectsMax: 3, bytesMax: 1_000, mediaTypes: ['image/png'] };

let server: Server;
let port: number;
let ca: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let names: Record<string, string[]>;
let asked: string[];
let dialled: string[];

beforeAll(async () => {
  const { pems } = await keptCertificates();
  ca = pems.root;
  server = createServer({ cert: pems.serverCertificate, key: pems.serverKey }, (request, response) =>
    answer(request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  names = { localhost: [publicAddress] };
  asked = [];
  dialled = [];
  answer = (_, response) => sendPng(response);
});

const sendPng = (response: ServerResponse, body = 'picture') =>
  response.writeHead(200, { 'content-type': 'image/png' }).end(body);

const guarded = createGuardedFetch({
  resolve: async (name) => {
    asked.push(name);
    return names[name] ?? [];
  },
  dial: (address) => {
    dialled.push(address);
    return { host: '127.0.0.1', port, ca };
  },
});
const get = (url: string, change: Partial<GuardedLimits> = {}) =>
  guarded({ url, method: 'GET' }, { ...limits, ...change });

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => 'answered',
    (failure: unknown) => failure,
  );
  if (!(error instanceof InvalidInput)) throw new Error(`no refusal: ${String(error)}`);
  expect(error.issues).toEqual([{ path: 'url', message: error.publicMessage }]);
  return error.code;
}

describe('an address of the public web', () => {
  it('is fetched at the address that was checked, by its own name, with nothing of ours', async () => {
    let headers: IncomingMessage['headers'] = {};
    answer = (request, response) => {
      ({ headers } = request);
      sendPng(response);
    };
    const { status, body } = await get('https://localhost/logo.png?v=2');
    expect([status, body.toString()]).toEqual([200, 'picture']);
    expect(headers).toMatchObject({ host: 'localhost', 'accept-encoding': 'identity' });
    expect(Object.keys(headers)).not.toContain('cookie');
    expect([asked, dialled]).toEqual([['localhost'], [publicAddress]]);
  });

  it('is followed as far as allowed, each step looked at anew', async () => {
    answer = (request, response) => {
      const step = Number(new URL(request.url ?? '', 'https://localhost').searchParams.get('step') ?? 0);
      if (step === 3) sendPng(response);
      else response.writeHead(302, { location: `/logo.png?step=${step + 1}` }).end();
    };
    expect((await get('https://localhost/')).status).toBe(200);
    expect(asked).toHaveLength(4);
    expect(await refusalOf(get('https://localhost/', { redirectsMax: 2 }))).toBe('url-redirects');
    expect((await get('https://localhost/', { redirectsMax: 0 })).status).toBe(302);
  });

  it('takes a body, and is not sent on with it', async () => {
    const bodies: string[] = [];
    answer = (request, response) => {
      request.on('data', (part: Buffer) => bodies.push(part.toString()));
      request.on('end', () => response.writeHead(307, { location: 'https://127.0.0.1/' }).end());
    };
    const sent = await guarded({ url: 'https://localhost/hook', method: 'POST', body: '{"a":1}' }, limits);
    expect([sent.status, bodies]).toEqual([307, ['{"a":1}']]);
  });
});

describe('an address that is refused before anything is sent', () => {
  it.each([
    'http://localhost/',
    'ftp://localhost/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:25/_QUIT',
    'data:image/png;base64,AA==',
    'https://localhost:8443/',
    'https://user:secret@localhost/',
    'no address',
    '',
  ])('is not plain https: %s', async (url) => {
    expect(await refusalOf(get(url))).toBe('url-not-https');
    expect(dialled).toEqual([]);
  });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data/',
  ])('is a number that is not public, however it is written: %s', async (url) => {
    expect(await refusalOf(get(url))).toBe('url-not-public');
    expect(dialled).toEqual([]);
  });

  it.each([['127.0.0.1'], ['10.0.0.8'], ['169.254.169.254'], ['::1'], ['fd00:ec2::254']])(
    'is a name that leads to %s, also when it leads to a public one besides',
    async (address) => {
      for (const addresses of [[address], [publicAddress, address], [address, publicAddress]]) {
        names['localhost'] = addresses;
        expect(await refusalOf(get('https://localhost/'))).toBe('url-not-public');
      }
      expect(dialled).toEqual([]);
    },
  );

  it.each(['http://localhost/', 'https://169.254.169.254/', 'https://inside/', 'file:///etc/passwd'])(
    'is where a public one leads on to: %s',
    async (location) => {
      names['inside'] = ['10.0.0.1'];
      answer = (_, response) => response.writeHead(301, { location }).end();
      await refusalOf(get('https://localhost/'));
      expect(dialled).toEqual([publicAddress]);
    },
  );

  it('is a name that leads elsewhere at the second look: there is only one, and the connection keeps to it', async () => {
    let looks = 0;
    const rebinding = createGuardedFetch({
      resolve: async () => [(looks += 1) === 1 ? publicAddress : '127.0.0.1'],
      dial: (address) => {
        dialled.push(address);
        return { host: '127.0.0.1', port, ca };
      },
    });
    await rebinding({ url: 'https://localhost/', method: 'GET' }, limits);
    expect([looks, dialled]).toEqual([1, [publicAddress]]);
  });
});

/** Every way to write an address that only we could reach, and every way to be led to one. */
const privateForms = [
  'https://127.0.0.1/',
  'https://127.8.9.10/',
  'https://localhost/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://0.0.0.0/',
  'https://0/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[fe80::1]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://⑫⑦.⓪.⓪.①/',
  'file:///etc/passwd',
  'gopher://127.0.0.1/_GET',
  'ftp://127.0.0.1/',
  'https://127.0.0.1:8443/',
];

describe('experiment 19: a listener that only we could reach', () => {
  it('is reached by no form of its address, no name that leads to it, no second look and no redirect', async () => {
    let connections = 0;
    const trap = createTcpServer(() => (connections += 1)).listen(0, '127.0.0.1');
    await once(trap, 'listening');
    const { port: trapPort } = trap.address() as AddressInfo;
    const trapV6 = createTcpServer(() => (connections += 1));
    // A machine without IPv6 has nothing there to be reached.
    trapV6.on('error', () => undefined).listen(trapPort, '::1');
    let looks = 0;
    const real = createGuardedFetch({
      resolve: async (name) => (name === 'rebinding' ? [(looks += 1) === 1 ? publicAddress : '127.0.0.1'] : ['127.0.0.1']),
      // The public web is our server; every other address is dialled as it is.
      dial: (address) => (address === publicAddress ? { host: '127.0.0.1', port, ca } : { host: address, port: trapPort }),
    });
    const reach = (url: string) => real({ url, method: 'GET' }, limits).then(() => 'answered', () => 'refused');
    for (const url of privateForms) expect([url, await reach(url)]).toEqual([url, 'refused']);
    for (const location of [...privateForms, 'https://rebinding/again']) {
      looks = 0;
      answer = (_, response) => response.writeHead(302, { location }).end();
      expect([location, await reach('https://rebinding/')]).toEqual([location, 'refused']);
    }
    expect(connections).toBe(0);
    // The listener itself: whoever does come is counted.
    const caller = connect(trapPort, '127.0.0.1');
    await once(caller, 'connect');
    await vi.waitFor(() => expect(connections).toBe(1));
    caller.destroy();
    trap.close();
    trapV6.close();
  });
}); // prettier-ignore

describe('an answer outside its limits', () => {
  it('is refused by its length, told or not', async () => {
    expect((await get('https://localhost/', { bytesMax: 7 })).body).toHaveLength(7);
    answer = (_, response) => response.writeHead(200, { 'content-type': 'image/png', 'content-length': '1001' }).end();
    expect(await refusalOf(get('https://localhost/'))).toBe('url-too-large');
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      const more = setInterval(() => response.write('x'.repeat(400)), 5);
      response.on('close', () => clearInterval(more));
    };
    expect(await refusalOf(get('https://localhost/'))).toBe('url-too-large');
  });

  it('is refused by its type, and packed', async () => {
    for (const headers of [
      { 'content-type': 'text/html' },
      {},
      { 'content-type': 'image/png', 'content-encoding': 'gzip' },
    ]) {
      answer = (_, response) => response.writeHead(200, headers).end('x');
      expect(await refusalOf(get('https://localhost/'))).toBe('url-wrong-type');
    }
    answer = (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('x');
    expect((await get('https://localhost/')).status).toBe(404);
  });

  it.each([
    ['never comes', () => undefined],
    [
      'comes a byte at a time',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'image/png' });
        const more = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(more));
      },
    ],
    [
      'breaks off',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'image/png', 'content-length': '500' });
        response.write('x');
        setTimeout(() => response.destroy(), 20);
      },
    ],
  ])('is given up when it %s', async (_, act) => {
    answer = (__, response) => act(response);
    const startedAt = Date.now();
    await expect(get('https://localhost/', { timeoutMs: 300 })).rejects.toThrow(Unavailable);
    // A byte at a time it would take twenty seconds until it is too large.
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });

  it('is given up when the name has no address, or nobody says so in time', async () => {
    await expect(get('https://nowhere.example/')).rejects.toThrow(Unavailable);
    const silent = createGuardedFetch({
      resolve: () => new Promise(() => undefined),
      dial: () => ({ host: '127.0.0.1', port }),
    });
    await expect(silent({ url: 'https://localhost/', method: 'GET' }, { ...limits, timeoutMs: 100 })).rejects.toThrow(
      Unavailable,
    );
  });

  it('is given up when the certificate is another name’s', async () => {
    names['elsewhere.example'] = [publicAddress];
    await expect(get('https://elsewhere.example/')).rejects.toThrow(Unavailable);
  });
});
