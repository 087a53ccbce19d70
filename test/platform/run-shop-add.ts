/** Runs `shop-add.ts` as the command line does, against the system whose environment is given. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { z } from 'zod';

const program = path.join(import.meta.dirname, 'shop-add.ts');

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
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'add', domain], {
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
