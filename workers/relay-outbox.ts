/** The relay: follow-up work written by transactions becomes jobs. */
import { relayBatchMax, relayOutbox } from '#app/flows/system/relay-outbox.ts';
import { type Repeater, startRepeater } from '#workers/repeater.ts';

/** Work that web processes leave is found by looking; looking into an empty table costs next to nothing. */
const idleMs = 100;

/** Starts relaying. */
export function startRelay(): Repeater {
  return startRepeater('relay', {
    idleMs,
    work: async () => ((await relayOutbox()) === relayBatchMax ? 'more' : 'done'),
  });
}
