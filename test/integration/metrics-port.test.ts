import { createServer, type Server } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { handleMetricsPort } from '#app/edge/metrics-port.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';

let system: TestSystem;
let server: Server;
let base: string;
beforeAll(async () => {
  system = await openTestSystem('stampwell_web');
  server = createServer((request, response) => void handleMetricsPort(request, response));
  base = `http://127.0.0.1:${await listen(server, 0)}`;
});
afterAll(async () => {
  await closeServer(server);
  await system.close();
});

describe('the port of the metrics', () => {
  it.each(['/metrics', '/healthz', '/readyz', '/metrics?name=x', '/healthz?'])('reads %s', async (path) => {
    const answer = await call({ url: base + path });
    expect([answer.status, answer.body.length > 0]).toEqual([200, true]);
    const head = await call({ url: base + path, method: 'HEAD' });
    expect([head.status, head.body.length, head.headers['content-type']]).toEqual([
      200, 0, answer.headers['content-type'],
    ]); // prettier-ignore
  });

  it('changes nothing: other methods are refused with those it has', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      for (const path of ['/metrics', '/healthz', '/readyz?x'])
        expect(await call({ url: base + path, method })).toMatchObject({
          status: 405,
          headers: { allow: 'GET, HEAD' },
        });
  });

  it('has nothing at any other address', async () => {
    for (const path of ['/', '/metrics/', '/metricsx', '/Metrics', '/status.json', '/readyz/x', '/%6detrics', '//metrics'])
      for (const method of ['GET', 'HEAD', 'POST'])
        expect([path, (await call({ url: base + path, method })).status]).toEqual([path, 404]);
  }); // prettier-ignore

  it('writes what is no number as Prometheus reads it', async () => {
    const text = (await call({ url: `${base}/metrics` })).body.toString('utf8');
    // There is no standby here.
    expect(text).toMatch(/^stampwell_replication_lag_seconds NaN$/m);
    expect(text).not.toMatch(/ Nan$/m);
  });
});
