/** Every entry point imports this first: a clear sentence beats a syntax error on an old Node. */
const minimum = [22, 18] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
  process.stderr.write(
    `Stampwell needs Node ${minimum.join('.')} or newer; this is ${process.version}.\n` +
      'Start it with "npm run …": the lockfile brings a fitting Node and npm scripts use it.\n',
  );
  process.exit(1);
}
