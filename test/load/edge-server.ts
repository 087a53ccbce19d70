/** The product's edge as a process of its own, without pages: what phones talk to. Tells its port to whoever started it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { routeEdge } from '#app/edge/router.ts';
import { openSystem } from '#app/flows/system/open-system.ts';

const connectionsMax = 20;

await openSystem({ databaseUrl: process.env['DATABASE_URL'] ?? '', role: 'stampwell_web', connectionsMax });
const server = createServer((request, response) => {
  if (!routeEdge(request, response)) response.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
