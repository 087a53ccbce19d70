/** Runs `shop-add.ts` as the command line does, against the system whose environment is given. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { z } from 'zod';

import { nodeWords } from '#test/platform/node-words.ts';

const program = path.join(import.meta.dirname, 'shop-add.ts');
const adderProgram = path.join(import.meta.dirname, 'shop-adder.ts');

export const addedShopSchema = z.object({
  shopDomain: z.string(),
  shopId: z.string(),
  programId: z.string(),
  programSlug: z.string(),
  apiClientId: z.string(),
  apiClientSecret: z.string(),
  passTypeIdentifier: z.string(),
});

export type AddedShop = z.infer<typeof addedShopSchema>;

/** Adds a shop and reads what the command printed. Rejects with its complaint when it failed. */
export async function runShopAdd(domain: string, environment: Record<string, string>): Promise<AddedShop> {
  const child = spawn(process.execPath, [...nodeWords, program, 'add', domain], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, complaint] = [readAll(child.stdout), readAll(child.stderr)];
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the shop could not be added:\n${await complaint}`);
  return addedShopSchema.parse(JSON.parse(await output));
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

const answerSchema = z.union([z.object({ added: addedShopSchema }), z.object({ complaint: z.string() })]);

export type ShopAdder = { add: (domain: string) => Promise<AddedShop>; close: () => Promise<void> };

/**
 * Adds shops one after the other as the command does, in one process for all of them: to start it costs far more than to
 * add a shop. It starts with the first one.
 */
export function createShopAdder(environment: Record<string, string>): ShopAdder {
  let child: ChildProcess | null = null;
  let last: Promise<unknown> = Promise.resolve();

  async function addNext(domain: string): Promise<AddedShop> {
    child ??= fork(adderProgram, {
      execArgv: nodeWords,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const running = child;
    let complaint = '';
    const keep = (chunk: Buffer): void => void (complaint += chunk.toString('utf8'));
    running.stderr?.on('data', keep);
    const over = new AbortController();
    try {
      running.send(domain);
      const [told]: unknown[] = await Promise.race([
        once(running, 'message', { signal: over.signal }),
        once(running, 'close', { signal: over.signal }).then(() => {
          child = null;
          return [{ complaint }];
        }),
      ]);
      const answer = answerSchema.parse(told);
      if ('complaint' in answer) throw new Error(`the shop could not be added:\n${answer.complaint}`);
      return answer.added;
    } finally {
      over.abort();
      running.stderr?.off('data', keep);
    }
  }

  return {
    add: (domain) => {
      const added = last.then(() => addNext(domain));
      last = added.catch(() => undefined);
      return added;
    },
    close: async () => {
      const running = child;
      child = null;
      if (running === null || running.exitCode !== null) return;
      const ended = once(running, 'exit');
      running.disconnect();
      await ended;
    },
  };
}
