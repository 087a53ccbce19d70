/** Reading a request's raw bytes with a limit that holds whatever the headers promise. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** How long a caller who sends too much is listened to after the refusal. */
const lingerMs = 1_000;

/** The body; 'too-large' as soon as that is certain; 'aborted' when the caller went away. */
export function readRawBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | 'too-large' | 'aborted'> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
      closeGently(request.socket);
      request.resume();
      resolve('too-large');
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      if (bytes > bytesMax) return;
      bytes += chunk.length;
      if (bytes <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      closeGently(request.socket);
      resolve('too-large');
    });
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });
}

/**
 * Closing a socket with unread bytes in it resets the connection, and a reset takes the answer away from a caller who has
 * not read it yet. So our side ends first, what still comes is thrown away, and the socket goes soon after.
 */
function closeGently(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  };
}
