import { defineConfig } from 'vitest/config';

import { tallyReporter } from '#test/support/reporter.ts';

const setupFiles = ['test/support/setup.ts'];
const globalSetup = ['test/support/global-setup.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', tallyReporter()],
    allowOnly: false,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], setupFiles } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], setupFiles } },
      {
        test: {
          name: 'integration',
          env: { LOG_LEVEL: 'silent' },
          include: ['test/integration/**/*.test.ts'],
          setupFiles,
          globalSetup,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'attack',
          env: { LOG_LEVEL: 'silent' },
          include: ['test/attack/**/*.test.ts'],
          setupFiles,
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 120_000,
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
          server: { deps: { inline: [/@shopify\/ui-extensions-tester/] } },
        },
      },
    ],
  },
});
