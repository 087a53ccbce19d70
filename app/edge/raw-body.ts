/** Reading a request's raw bytes with a limit that holds whatever the headers promise. */
import type { IncomingMessage } from 'node:http';

/** The body; 'too-large' as soon as that is certain; 'aborted' when the caller went away. */
export function readRawBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | 'too-large' | 'aborted'> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
      request.resume();
      resolve('too-large');
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        chunks.length = 0;
        resolve('too-large');
      } else chunks.push(chunk);
    });
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });
}
