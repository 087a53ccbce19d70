import type { IncomingMessage, ServerResponse } from 'node:http';

export async function handleExtensionApi(_request: IncomingMessage, response: ServerResponse, _url: URL): Promise<void> {
  response.writeHead(503);
  response.end();
}
