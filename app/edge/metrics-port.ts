/** The port for whoever watches the process: `/metrics`, `/healthz` and `/readyz`, to be read and nothing else. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { handleHealth, handleMetrics } from '#app/edge/health.ts';
import { log } from '#app/lib/log.ts';

const readingMethods = ['GET', 'HEAD'];
const paths = ['/metrics', '/healthz', '/readyz'];

function answer(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': '0', 'cache-control': 'no-store', ...headers });
  response.end();
}

/** Handles one request to the metrics port. A query changes nothing. */
export async function handleMetricsPort(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?');
  if (!paths.includes(path)) return answer(response, 404);
  if (!readingMethods.includes(request.method ?? ''))
    return answer(response, 405, { allow: readingMethods.join(', ') });
  try {
    await (path === '/metrics' ? handleMetrics(response) : handleHealth(request, response, path));
  } catch (error) {
    log.error('a request failed', { route: 'metrics', error });
    if (response.headersSent) response.destroy();
    else answer(response, 500);
  }
}
