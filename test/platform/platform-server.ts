/** The one HTTP server of the local platform: each part answers the paths it knows. */
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { closeServer, listen, sendText } from '#test/platform/http.ts';

/** Answers a request, or returns false to leave it to the next part. */
export type PlatformPart = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean | Promise<boolean>;

export type PlatformServer = {
  url: string;
  port: number;
  add: (part: PlatformPart) => void;
  close: () => Promise<void>;
};

/** Starts the server. Parts may be added at any time; they are asked in order. */
export async function startPlatformServer(port: number): Promise<PlatformServer> {
  const parts: PlatformPart[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://platform');
    for (const part of parts) if (await part(request, response, url)) return;
    sendText(response, 404, 'text/plain; charset=utf-8', 'Not found\n');
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      process.stderr.write(`platform: ${request.method} ${request.url}: ${String(error)}\n`);
      if (response.headersSent) response.destroy();
      else sendText(response, 500, 'text/plain; charset=utf-8', `${String(error)}\n`);
    });
  });
  const bound = await listen(server, port);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    add: (part) => parts.push(part),
    close: () => closeServer(server),
  };
}
