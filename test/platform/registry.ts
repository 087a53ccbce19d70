/** A stand-in of npm's registry that knows weaknesses and no packages. */
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

import { z } from 'zod';

import { closeServer, listen, readBody } from '#test/platform/http.ts';

export type Advice = { id: number; url: string; title: string; severity: string; vulnerable_versions: string };
export type Registry = {
  url: string;
  /** What it was asked about last: the versions of each part. */
  asked: () => Record<string, string[]>;
  close: () => Promise<void>;
};

const askedSchema = z.record(z.string(), z.array(z.string()));

/** Answers with what it knows of the parts it is asked about. `null` knows no such question, as many mirrors do not. */
export async function startRegistry(known: () => Record<string, Advice[]> | null): Promise<Registry> {
  let asked: Record<string, string[]> = {};
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const advices = known();
      const isQuestion = request.method === 'POST' && request.url === '/-/npm/v1/security/advisories/bulk';
      if (!isQuestion || advices === null) {
        response.writeHead(isQuestion ? 405 : 404, { 'content-type': 'application/json' }).end('{}');
        return;
      }
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      asked = askedSchema.parse(JSON.parse(text.toString('utf8')));
      const found = Object.entries(advices).filter(([part]) => asked[part] !== undefined);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(Object.fromEntries(found)));
    });
  });
  const port = await listen(server, 0);
  return { url: `http://127.0.0.1:${port}`, asked: () => asked, close: () => closeServer(server) };
}
