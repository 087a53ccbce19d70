/** The web process: one port. The edge answers machines itself; people's pages go on to Remix. */
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';

import { createPages } from '#app/edge/pages.ts';
import { handleMetricsPort } from '#app/edge/metrics-port.ts';
import { handleOperator } from '#app/edge/operator/console.ts';
import { routeEdge } from '#app/edge/router.ts';
import { followCertificate, openTls, type ServerTls } from '#app/edge/server-tls.ts';
import { publishAgreement } from '#app/flows/privacy/publish-agreement.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { appUrl, env, walletUrl } from '#app/lib/env.ts';
import { log } from '#app/lib/log.ts';
import { writeApiUsage } from '#app/web/api-usage.ts';
import { resolveDatabase } from '#prisma/connect.ts';
import { migrate } from '#prisma/migrate.ts';

const connectionsMax = 20;
const headersTimeoutMs = 5_000;
const requestTimeoutMs = 15_000;
/** Node looks for requests that are over time twice a minute, which would make any shorter limit half a minute. */
const connectionsCheckingInterval = 1_000;
const keepAliveTimeoutMs = 65_000;
/** Orchestrators lose patience after ten seconds. */
const stopTimeoutMs = 8_000;
const idlePollMs = 100;

type Server = http.Server | https.Server;

/** With TLS of our own no port answers anybody who comes without. */
function ownTls(): ServerTls | null {
  const { TLS_CERTIFICATE_FILE: certificateFile, TLS_KEY_FILE: keyFile } = env();
  if (certificateFile === undefined || keyFile === undefined) return null;
  const hosts = [...new Set([appUrl(), walletUrl()].map((url) => new URL(url).hostname))];
  return openTls({ certificateFile, keyFile, hosts });
}

const isSecure = (server: Server): server is https.Server => server instanceof https.Server;

const createServer = (tls: ServerTls | null, listener: RequestListener): Server =>
  tls === null
    ? http.createServer({ connectionsCheckingInterval }, listener)
    : https.createServer({ ...tls.options, connectionsCheckingInterval }, listener);

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), stopTimeoutMs);
    // A connection that was busy is kept alive once it is answered; each is closed as soon as it is idle.
    const poll = setInterval(() => server.closeIdleConnections(), idlePollMs);
    server.close(() => {
      clearTimeout(timer);
      clearInterval(poll);
      resolve();
    });
    server.closeIdleConnections();
  });
}

type Pages = (request: IncomingMessage, response: ServerResponse) => void;

function createWebServer(tls: ServerTls | null, pages: Pages): Server {
  const server = createServer(tls, (request, response) => {
    if (!routeEdge(request, response)) pages(request, response);
  });
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = keepAliveTimeoutMs;
  return server;
}

function createMetricsServer(tls: ServerTls | null): Server {
  return createServer(tls, (request, response) => void handleMetricsPort(request, response));
}

/** The platform's operators have a port of their own, on loopback unless told otherwise. */
async function openConsole(tls: ServerTls | null): Promise<Server[]> {
  const { OPERATOR_PORT, OPERATOR_HOST } = env();
  if (OPERATOR_PORT === undefined) return [];
  const server = createServer(tls, (request, response) => void handleOperator(request, response));
  server.requestTimeout = requestTimeoutMs;
  await listen(server, OPERATOR_PORT, OPERATOR_HOST);
  return [server];
}

async function start(): Promise<() => Promise<void>> {
  const { PORT, HOST, METRICS_PORT } = env();
  const tls = ownTls();
  const database = await resolveDatabase();
  await migrate(database.url);
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_web', connectionsMax });
  await publishAgreement();
  const servers = [createWebServer(tls, await createPages())];
  if (METRICS_PORT !== undefined) servers.push(createMetricsServer(tls));
  const port = await listen(servers[0] as Server, PORT, HOST);
  if (METRICS_PORT !== undefined && servers[1] !== undefined) await listen(servers[1], METRICS_PORT, HOST);
  servers.push(...(await openConsole(tls)));
  const stopFollowing = tls === null ? null : followCertificate(tls, servers.filter(isSecure));
  log.info('the web process is ready', { port });
  return async () => {
    stopFollowing?.();
    await Promise.all(servers.map(close));
    await writeApiUsage();
    await system.close();
    await database.close();
  };
}

const stop = await start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
