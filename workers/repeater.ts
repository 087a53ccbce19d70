/** A loop that runs when woken and, in case nobody wakes it, every so often. Never twice at once. */
import { log } from '#app/lib/log.ts';

export type Repeater = { wake: () => void; stop: () => Promise<void> };

const failurePauseMs = 500;

/** Runs `work` until it says that nothing is left, then sleeps until woken or for `idleMs`. A failure pauses it briefly. */
export function startRepeater(
  name: string,
  options: { idleMs: number; work: () => Promise<'more' | 'done'> },
): Repeater {
  let isStopping = false;
  let isWoken = false;
  let endSleep: (() => void) | undefined;

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(end, ms);
      function end(): void {
        clearTimeout(timer);
        endSleep = undefined;
        resolve();
      }
      endSleep = end;
    });

  const loop = async (): Promise<void> => {
    while (!isStopping) {
      isWoken = false;
      try {
        const left = await options.work();
        if (left === 'done' && !isWoken && !isStopping) await sleep(options.idleMs);
      } catch (error) {
        log.warn(`the ${name} had to pause`, { error });
        if (!isStopping) await sleep(failurePauseMs);
      }
    }
  };

  const ended = loop();
  return {
    wake: () => {
      isWoken = true;
      endSleep?.();
    },
    stop: async () => {
      isStopping = true;
      endSleep?.();
      await ended;
    },
  };
}
