/** `GET /.well-known/evidence-keys.json`: the public keys by which anybody checks what we have signed about our records. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { sendJson } from '#app/edge/http-exchange.ts';
import { evidencePublicKeys } from '#app/lib/evidence.ts';

/** Answers with every public key whose signatures count, those of earlier keys included. */
export async function handleEvidenceKeys(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' };
  sendJson(response, 200, { value: { keys: evidencePublicKeys() }, headers });
}
