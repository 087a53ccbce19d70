/**
 * Preloaded into every child of the launcher: ends the process when the launcher is gone, however it died. The channel
 * to the launcher closes with it, even by `kill -9`.
 */
import process from 'node:process';

const graceMs = 4000;

if (process.channel !== undefined) {
  process.on('disconnect', () => {
    setTimeout(() => process.exit(1), graceMs).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // The channel alone must not keep a process alive that has finished.
  process.channel.unref();
}
