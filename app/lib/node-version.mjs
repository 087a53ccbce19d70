/**
 * Loaded before every entry point (`node --import`), and plain JavaScript on purpose: a Node too old to run our
 * TypeScript must still be able to say so in a clear sentence.
 */
import v8 from 'node:v8';

const minimum = [22, 18];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
  process.stderr.write(
    `Stampwell needs Node ${minimum.join('.')} or newer; this is ${process.versions.node}.\n` +
      'Run "npm ci" first, then start it with "npm run …": the lockfile brings a fitting Node.\n',
  );
  process.exit(1);
}

/**
 * Queries are planned in WebAssembly, of which V8 would optimise whatever ran for some milliseconds: most of a second of a
 * core in every process that starts. With fifteen times its usual patience (13 MB) only what stays busy is optimised.
 */
v8.setFlagsFromString('--wasm-tiering-budget=200000000');
