/** The web process: one port. The edge answers machines itself; people's pages go on to Remix. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';

import { createPages } from '#app/edge/pages.ts';
import { handleHealth, handleMetrics } from '#app/edge/health.ts';
import { handleOperator } from '#app/edge/operator/console.ts';
import { routeEdge } from '#app/edge/router.ts';
import { publishAgreement } from '#app/flows/privacy/publish-agreement.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { env } from '#app/lib/env.ts';
import { log } from '#app/lib/log.ts';
import { writeApiUsage } from '#app/web/api-usage.ts';
import { resolveDatabase } from '#prisma/connect.ts';
import { migrate } from '#prisma/migrate.ts';

const connectionsMax = 20;
const headersTimeoutMs = 5_000;
const requestTimeoutMs = 15_000;
const keepAliveTimeoutMs = 65_000;
/** Orchestrators lose patience after ten seconds. */
const stopTimeoutMs = 8_000;
const idlePollMs = 100;

function listen(server: http.Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: http.Server): Promise<void> {
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

function createWebServer(pages: (request: IncomingMessage, response: ServerResponse) => void): http.Server {
  const server = http.createServer((request, response) => {
    if (!routeEdge(request, response)) pages(request, response);
  });
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = keepAliveTimeoutMs;
  return server;
}

function createMetricsServer(): http.Server {
  return http.createServer((request, response) => {
    const path = request.url ?? '/';
    void (path === '/metrics' ? handleMetrics(response) : handleHealth(request, response, path));
  });
}

/** The platform's operators have a port of their own, on loopback unless told otherwise. */
async function openConsole(): Promise<http.Server[]> {
  const { OPERATOR_PORT, OPERATOR_HOST } = env();
  if (OPERATOR_PORT === undefined) return [];
  const server = http.createServer((request, response) => void handleOperator(request, response));
  server.requestTimeout = requestTimeoutMs;
  await listen(server, OPERATOR_PORT, OPERATOR_HOST);
  return [server];
}

async function start(): Promise<() => Promise<void>> {
  const { PORT, HOST, METRICS_PORT } = env();
  const database = await resolveDatabase();
  await migrate(database.url);
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_web', connectionsMax });
  await publishAgreement();
  const servers = [createWebServer(await createPages())];
  if (METRICS_PORT !== undefined) servers.push(createMetricsServer());
  const port = await listen(servers[0] as http.Server, PORT, HOST);
  if (METRICS_PORT !== undefined && servers[1] !== undefined) await listen(servers[1], METRICS_PORT, HOST);
  servers.push(...(await openConsole()));
  log.info('the web process is ready', { port });
  return async () => {
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
