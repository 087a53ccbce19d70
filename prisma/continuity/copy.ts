/**
 * COPY over an ordinary connection: the fastest way in and out of PostgreSQL, in a format that any version reads.
 * The database library leaves the messages of COPY to whoever asks for them.
 */
import { Readable } from 'node:stream';

import type { Client, Connection } from 'pg';

const piecesMax = 64 * 1024;

type CopyConnection = Connection & {
  sendCopyFromChunk(chunk: Buffer): boolean;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
};

/** What the library calls while a statement runs. */
type CopyHandlers = {
  submit(connection: Connection): void;
  handleCopyInResponse(connection: CopyConnection): void;
  handleCopyData(message: { chunk: Buffer }, connection: Connection): void;
  handleCommandComplete(message: { text?: string }): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
};

/**
 * Runs `copy … to stdout` and yields the rows in pieces of about 64 KiB. PostgreSQL is made to wait while nobody reads.
 * The connection can be used again once the stream has ended.
 */
export function copyOut(client: Client, sql: string): Readable {
  let connection: Connection | undefined;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const stream = new Readable({ read: () => void connection?.stream.resume() });
  const flush = (): void => {
    if (waitingBytes === 0) return;
    const isRoomLeft = stream.push(Buffer.concat(waiting, waitingBytes));
    [waiting, waitingBytes] = [[], 0];
    if (!isRoomLeft) connection?.stream.pause();
  };
  const handlers: CopyHandlers = {
    submit: (given) => {
      connection = given;
      given.query(sql);
    },
    handleCopyInResponse: (given) => given.sendCopyFail('only reading'),
    handleCopyData: ({ chunk }) => {
      // The library goes on to use the memory it hands out: a piece that waits must be a copy.
      waiting.push(Buffer.from(chunk));
      waitingBytes += chunk.length;
      if (waitingBytes >= piecesMax) flush();
    },
    handleCommandComplete: flush,
    handleReadyForQuery: () => {
      connection?.stream.resume();
      stream.push(null);
    },
    handleError: (error) => {
      connection?.stream.resume();
      stream.destroy(error);
    },
  };
  client.query(handlers);
  return stream;
}

/** Runs `copy … from stdin` with these pieces and answers how many rows were stored. Throws what PostgreSQL refuses. */
export function copyIn(client: Client, sql: string, pieces: AsyncIterable<Buffer>): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    let failure: Error | undefined;
    const pump = async (connection: CopyConnection): Promise<void> => {
      try {
        for await (const piece of pieces) {
          if (failure !== undefined) return;
          connection.sendCopyFromChunk(piece);
          if (connection.stream.writableNeedDrain)
            await new Promise((drained) => connection.stream.once('drain', drained));
        }
        connection.endCopyFrom();
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        connection.sendCopyFail('the source failed');
      }
    };
    const handlers: CopyHandlers = {
      submit: (connection) => connection.query(sql),
      handleCopyInResponse: (connection) => void pump(connection),
      handleCopyData: () => undefined,
      handleCommandComplete: ({ text = '' }) => {
        rows = Number(text.split(' ').at(-1));
      },
      handleReadyForQuery: () => (failure === undefined ? resolve(rows) : reject(failure)),
      // Ready-for-query does not follow when the connection is gone.
      handleError: (error) => {
        failure ??= error;
        reject(failure);
      },
    };
    client.query(handlers);
  });
}
