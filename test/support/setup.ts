import { afterEach, beforeEach } from 'vitest';

/** Nothing writes to the console unless something is wrong, so whatever does fails the test it happened in. */
const unexpected: string[] = [];

for (const method of ['error', 'warn'] as const) {
  console[method] = (...parts: unknown[]) => {
    unexpected.push(`console.${method}: ${parts.map(String).join(' ')}`);
  };
}

beforeEach(() => {
  unexpected.length = 0;
});

afterEach(() => {
  if (unexpected.length > 0) throw new Error(`Unexpected console output:\n${unexpected.join('\n')}`);
});
