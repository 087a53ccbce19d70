import path from 'node:path';

/** How `npm run` starts Node: whatever is started from here runs the same way. */
export const nodeWords = [
  '--import',
  path.join(import.meta.dirname, '..', '..', 'app', 'lib', 'node-version.mjs'),
  '--disable-warning=ExperimentalWarning',
];
