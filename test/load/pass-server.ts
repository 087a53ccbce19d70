/**
 * The server side of `serve-pass`, as a process of its own, so that its CPU is counted apart from the phones'. On one port
 * the product's edge; on the other a bare node:http server that seals and sends the same pass, or says 304, and knows
 * neither members nor a database.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { unzipSync } from 'fflate';

import type { ApplePass } from '#app/domain/cards/apple-pass.ts';
import { dataHeaders } from '#app/edge/data-headers.ts';
import { routeEdge } from '#app/edge/router.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { servePass } from '#app/flows/cards/serve-pass.ts';
import { appleIssuerOf } from '#app/gateways/apple-issuers.ts';
import { packFiles } from '#app/gateways/packed-files.ts';
import { compilePass, sealPass, withFiles } from '#app/gateways/pass-sealer.ts';

const connectionsMax = 20;

/** What the parent says and hears. */
export type PassServerSample = { serial: string; token: string; passTypeIdentifier: string };
export type PassServerPorts = { product: number; bare: number };
export type PassServerUsage = { cpuMs: number };

async function listenOn(handle: RequestListener): Promise<number> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A server that does what nobody can do without: one signature, one archive, one answer. */
async function bareHandler(sample: PassServerSample): Promise<RequestListener> {
  const served = await servePass({
    ...sample,
    serialNumber: sample.serial,
    ifModifiedSince: null,
    isProbe: true,
  });
  if (served.kind !== 'pass') throw new Error(`the sample was answered with ${served.kind}`);
  const files = Object.entries(unzipSync(served.body)).map(([name, bytes]) => [name, Buffer.from(bytes)] as const);
  const pictures = Object.fromEntries(files.filter(([name]) => name.endsWith('.png')));
  const texts = Object.fromEntries(files.filter(([name]) => name.endsWith('.strings')));
  const passJson = JSON.parse(String(files.find(([name]) => name === 'pass.json')?.[1])) as ApplePass;
  const assets = withFiles(compilePass(pictures), packFiles(texts));
  const { signer } = appleIssuerOf(null);
  const headers = {
    'cache-control': 'no-store',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    ...dataHeaders,
    'last-modified': served.lastModified.toUTCString(),
  };
  return (request, response) => {
    if (request.headers['if-modified-since'] !== undefined) {
      response.writeHead(304, headers).end();
      return;
    }
    void sealPass({ assets, passJson, signer }).then((body) => {
      response
        .writeHead(200, { ...headers, 'content-type': 'application/vnd.apple.pkpass', 'content-length': body.length })
        .end(body);
    });
  };
}

const usage = (): PassServerUsage => {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000 };
};

await openSystem({ databaseUrl: process.env['DATABASE_URL'] ?? '', role: 'stampwell_web', connectionsMax });
process.on('message', (message: PassServerSample | 'usage') => {
  if (message === 'usage') process.send?.(usage());
  else
    void (async () => {
      const bare = await listenOn(await bareHandler(message));
      const product = await listenOn((request, response) => {
        if (!routeEdge(request, response)) response.writeHead(404).end();
      });
      process.send?.({ product, bare } satisfies PassServerPorts);
    })();
});
process.on('disconnect', () => process.exit(0));
