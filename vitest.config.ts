import { defineConfig } from 'vitest/config';

import { tallyReporter } from '#test/support/reporter.ts';

const setupFiles = ['test/support/setup.ts'];
const withProperties = [...setupFiles, 'test/support/property-seed.ts'];
/** Of the time a small file takes most is the start of its process: files follow one another in one, see `fresh-file.ts`. */
const inOneProcess = (files: string[]) => ({ isolate: false, setupFiles: ['test/support/fresh-file.ts', ...files] });
/** Long ones, which gain nothing that counts by sharing a process, and those that measure time: each has a process of its own. */
const apart = [
  'admin-controls',
  'api-credentials',
  'card-rollout',
  'continuity',
  'incident-keys',
  'lane-recovery',
  'local-postgres',
  'merged-chains',
  'merged-histories',
  'merged-referrals',
  'operators',
  'own-certificates',
  'push-in-bulk',
  'redesign',
  'reserve-races',
  'standby',
  'step-up',
  'verify',
  'wallet-service',
  'whole-system-one',
  'whole-system-two',
].map((name) => `test/integration/${name}.test.ts`);
const globalSetup = ['test/support/global-setup.ts'];
/** These only end a test that hangs, however busy the machine: what is promised of time is measured by the tests themselves. */
const limits = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', tallyReporter()],
    allowOnly: false,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...inOneProcess(withProperties), ...limits } },
      {
        test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...inOneProcess(withProperties), ...limits },
      },
      {
        test: {
          name: 'integration',
          env: { LOG_LEVEL: 'silent' },
          include: ['test/integration/**/*.test.ts'],
          exclude: apart,
          ...inOneProcess(setupFiles),
          globalSetup,
          ...limits,
        },
      },
      {
        test: {
          name: 'integration-apart',
          env: { LOG_LEVEL: 'silent' },
          include: apart,
          setupFiles,
          globalSetup,
          ...limits,
        },
      },
      {
        test: {
          name: 'attack',
          env: { LOG_LEVEL: 'silent' },
          include: ['test/attack/**/*.test.ts'],
          ...inOneProcess(setupFiles),
          globalSetup,
          ...limits,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles,
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
        test: {
          name: 'extensions',
          include: ['extensions/**/tests/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles,
          ...limits,
          server: { deps: { inline: [/@shopify\/ui-extensions-tester/] } },
        },
      },
    ],
  },
});
