/** `POST /wallet/google/callback`: Google's own calls. The answer says nothing but whether the call was taken. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { readRawBody } from '#app/edge/raw-body.ts';
import { type CallbackOutcome, receiveGoogleCallback } from '#app/flows/cards/receive-google-callback.ts';

const bodyBytesMax = 16 * 1024;

const statusOf: Record<CallbackOutcome, number> = { taken: 200, repeated: 200, refused: 403, malformed: 400 };

function answer(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': '0', 'cache-control': 'no-store', ...headers });
  response.end();
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return null;
  }
}

/** Handles one call. */
export async function handleGoogleCallback(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return answer(response, 405, { allow: 'POST' });
  const body = await readRawBody(request, bodyBytesMax);
  if (body === 'too-large') return answer(response, 413, { connection: 'close' });
  if (body === 'aborted') return answer(response, 400);
  answer(response, statusOf[await receiveGoogleCallback(parse(body))]);
}
