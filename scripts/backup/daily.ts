import { backUp, dropOldBackups, newestBackup } from './backups.ts';
import { readBackupConfig } from './config.ts';
import { tellCompleted } from './tell-completed.ts';

const DAY_MS = 86_400_000;
const RETRY_MS = 300_000;
/** So often Prometheus hears when the last backup was: what is not told goes stale after five minutes. */
const TELL_EVERY_MS = 60_000;

/** A backup a day, and once a minute the word when the last one was complete. The first one comes at once where there is none. */
async function main(): Promise<void> {
  const config = readBackupConfig();
  const tell = () =>
    tellCompleted(config, newestBackup(config.to)?.completedAtMs ?? 0).catch((error: Error) => {
      console.error(`backup: could not tell when the last one was: ${error.message}`);
    });
  let failedAtMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    const newestAtMs = newestBackup(config.to)?.completedAtMs ?? 0;
    const isDue = Date.now() - newestAtMs >= DAY_MS && Date.now() - failedAtMs >= RETRY_MS;
    if (isDue) {
      try {
        console.log(`backup: ${await backUp(config)} is complete`);
        for (const name of dropOldBackups(config)) console.log(`backup: ${name} is dropped, newer ones are enough`);
      } catch (error) {
        failedAtMs = Date.now();
        console.error(`backup: ${(error as Error).message}`);
      }
    }
    await tell();
    await new Promise((resolve) => setTimeout(resolve, TELL_EVERY_MS));
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
await main();
