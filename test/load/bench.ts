/**
 * Runs one bench: `npm run bench -- <name> [--quick]`. Its last line is one JSON object; figures and targets are in
 * README.md beside this file.
 */
import type { Bench } from '#test/load/support.ts';

/** Loaded when asked for: each brings its own environment. */
const benches: Record<string, () => Promise<Bench>> = {
  strip: async () => (await import('#test/load/strip.ts')).benchStrip,
  seal: async () => (await import('#test/load/seal.ts')).benchSeal,
  'field-encryption': async () => (await import('#test/load/field-encryption.ts')).benchFieldEncryption,
  'key-rotation': async () => (await import('#test/load/key-rotation.ts')).benchKeyRotation,
  ingest: async () => (await import('#test/load/ingest.ts')).benchIngest,
  settle: async () => (await import('#test/load/settle.ts')).benchSettle,
  'settle-full-rules': async () => (await import('#test/load/settle.ts')).benchSettleFullRules,
  'hot-member': async () => (await import('#test/load/hot-member.ts')).benchHotMember,
  reconcile: async () => (await import('#test/load/reconcile.ts')).benchReconcile,
  'serve-pass': async () => (await import('#test/load/serve-pass.ts')).benchServePass,
  push: async () => (await import('#test/load/push.ts')).benchPush,
  google: async () => (await import('#test/load/google.ts')).benchGoogle,
  redesign: async () => (await import('#test/load/redesign.ts')).benchRedesign,
  purge: async () => (await import('#test/load/purge.ts')).benchPurge,
  rls: async () => (await import('#test/load/row-level-security.ts')).benchRowLevelSecurity,
  restore: async () => (await import('#test/load/restore.ts')).benchRestore,
  'order-to-phone': async () => (await import('#test/load/order-to-phone.ts')).benchOrderToPhone,
};

const [name, ...rest] = process.argv.slice(2).filter((argument) => argument !== '--quick');
const load = name === undefined ? undefined : benches[name];
if (load === undefined || rest.length > 0) {
  console.error(`Usage: npm run bench -- <name> [--quick], where <name> is one of ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
const bench = await load();
const result = await bench({ isQuick: process.argv.includes('--quick') });
console.log(JSON.stringify(result));
process.exit(0);
