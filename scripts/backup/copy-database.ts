import { copyFileSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** `copy-database.ts FROM TO`: a SQLite database as of one moment, also while others write it. */
const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) throw new Error('usage: copy-database.ts FROM TO');
copyDatabase(from, to);

/** The source is only read: it may lie in a folder that cannot be written. */
function copyDatabase(source: string, target: string): void {
  try {
    const database = new DatabaseSync(source, { readOnly: true });
    try {
      database.exec('PRAGMA busy_timeout = 10000');
      database.prepare('VACUUM INTO ?').run(target);
    } finally {
      database.close();
    }
  } catch (error) {
    // One that nobody has open cannot make its write-ahead log in a folder that is read-only; then its file is all there is.
    if (['-wal', '-journal'].some((ending) => existsSync(`${source}${ending}`))) throw error;
    copyFileSync(source, target);
  }
}
