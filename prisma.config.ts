import { fileURLToPath } from 'node:url';

import { defineConfig } from 'prisma/config';

// The CLI insists on a schema-engine binary at start, even for `generate`, and would download one.
// Nothing we run needs it: pointed at an existing file, generate, validate and format work offline.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= fileURLToPath(new URL('./package.json', import.meta.url));

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? '' },
});
