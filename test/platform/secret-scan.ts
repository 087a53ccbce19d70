/** `npm run secret-scan`: fails when a secret stands in the repository. The last line is JSON. */
import path from 'node:path';

import { scanForSecrets } from '#test/support/secret-scan.ts';

const found = scanForSecrets(path.resolve(import.meta.dirname, '..', '..'));
for (const { file, line, kind } of found) process.stderr.write(`${file}:${line}: ${kind}\n`);
process.stdout.write(`${JSON.stringify({ ok: found.length === 0, found: found.length })}\n`);
process.exitCode = found.length === 0 ? 0 : 1;
