/**
 * The baseline of `ingest`, as a process of its own: nothing but node:http, the HMAC over the raw bytes and the same
 * insert, by the same function, role and number of connections. It parses nothing: the text to store was worked out
 * before. `POST /thin` stores what ours stores; `POST /raw` stores the whole body.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

import pg from 'pg';

const connectionsMax = 20;

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is missing`);
  return value;
}

const [secret, shopId, thin] = [setting('BASELINE_SECRET'), setting('BASELINE_SHOP_ID'), setting('BASELINE_THIN')];
const pool = new pg.Pool({
  connectionString: setting('DATABASE_URL'),
  max: connectionsMax,
  options: '-c role=stampwell_web',
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const given = Buffer.from(String(request.headers['x-shopify-hmac-sha256']), 'base64');
    const answer = (status: number): void => void response.writeHead(status, { 'content-length': '0' }).end();
    const expected = createHmac('sha256', secret).update(body).digest();
    if (given.length !== expected.length || !timingSafeEqual(expected, given)) return answer(401);
    const text = request.url === '/raw' ? body.toString('utf8') : thin;
    pool
      .query({
        name: 'receive',
        text: 'select receive_delivery($1, $2, $3, $4, $5, $6, $7, $8)',
        values: [
          shopId,
          request.headers['x-shopify-webhook-id'],
          'orders/paid',
          'pending',
          text,
          null,
          null,
          new Date(),
        ],
      })
      .then(
        () => answer(200),
        () => answer(503),
      );
  });
});
server.listen(Number(setting('PORT')), '127.0.0.1');
