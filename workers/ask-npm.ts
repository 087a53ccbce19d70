/** Asks npm, the one that runs us where there is one. */
import { execFile } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const outputBytesMax = 64 * 1024 * 1024;

/** What npm wrote, and its exit status: some of its commands say no by that alone. Rejects when there is no npm. */
export function askNpm(words: string[]): Promise<{ output: string; status: number }> {
  const npm = process.env['npm_execpath'];
  const [program, given] = npm === undefined ? ['npm', words] : [process.execPath, [npm, ...words]];
  return new Promise((resolve, reject) => {
    execFile(program, given, { cwd: root, maxBuffer: outputBytesMax }, (error, output) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ output, status: error === null ? 0 : Number(error.code) });
    });
  });
}
