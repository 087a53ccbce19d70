/** When a launcher should stop: asked by a signal, or left behind by the npm that started it. */
import { execFileSync } from 'node:child_process';

const pollMs = 1000;
const ancestorsMax = 3;

function describeProcess(pid: number): { parent: number; command: string } | null {
  try {
    const line = execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
    const [, parent = '0', command = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    return { parent: Number(parent), command };
  } catch {
    return null;
  }
}

/** The npm we run under, or null. Between it and us there is usually a shell. */
function findNpm(): number | null {
  if (process.env['npm_lifecycle_event'] === undefined) return null;
  let pid = process.ppid;
  for (let step = 0; step < ancestorsMax && pid > 1; step += 1) {
    const found = describeProcess(pid);
    if (found === null) return null;
    if (/\bnpm\b/.test(found.command)) return pid;
    pid = found.parent;
  }
  return null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Resolves once it is time to stop. A killed npm cannot pass its signal on, so we look whether ours is still there.
 */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
    const npm = findNpm();
    if (npm === null) return;
    const timer = setInterval(() => {
      if (isAlive(npm)) return;
      clearInterval(timer);
      resolve('npm is gone');
    }, pollMs);
    timer.unref();
  });
}
