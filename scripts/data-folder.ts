import { readdirSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What `npm start` makes in the data folder: one folder a service, logs, and the secrets made at first start. */
const OUR_ENTRIES: readonly string[] = [
  'bot',
  'records',
  'viewer',
  'caller',
  'openai',
  'logs',
  'secrets.json',
  // A start that was killed while it made them leaves it.
  'secrets.json.new',
];

/** Of engines that were started by hand beside it (docs/alerting.md): kept, because they may run and do not stop with the set. */
const ENGINE_ENTRIES: readonly string[] = ['alertmanager', 'collector', 'loki', 'prometheus', 'tempo'];

/** The data folder as it was found. `entries` are names, sorted; without those of engines. */
export type DataFolder = { readonly path: string; readonly entries: readonly string[] };

/**
 * Looks at the data folder without changing it; undefined when there is none.
 * @throws Error with one line when the folder is not, or not only, ours to empty.
 */
export function findDataFolder(path: string, workingFolder: string): DataFolder | undefined {
  const found = listEntries(path);
  if (found === undefined) return undefined;
  const entries = found.filter((entry) => !ENGINE_ENTRIES.includes(entry));
  const real = realpathSync(path);
  if (contains(real, realpathSync(workingFolder)) || contains(real, realpathSync(homedir()))) {
    throw new Error(`${real} is or holds your working or home folder: set CALLSPAN_DATA_DIR to Callspan's own folder`);
  }
  const foreign = entries.filter((entry) => !OUR_ENTRIES.includes(entry));
  if (foreign.length > 0) {
    const named = foreign.slice(0, 3).join(', ') + (foreign.length > 3 ? ', …' : '');
    throw new Error(`${real} does not look like Callspan's data folder (it holds ${named}): nothing was deleted`);
  }
  return { path: real, entries };
}

/** Deletes the entries; the folder stays. Symbolic links are removed, never followed. */
export function emptyDataFolder({ path, entries }: DataFolder): void {
  for (const entry of entries) rmSync(join(path, entry), { recursive: true, force: true });
}

function listEntries(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') throw new Error(`${path} is not a folder: see CALLSPAN_DATA_DIR`);
    throw error;
  }
}

function contains(folder: string, inner: string): boolean {
  return folder === inner || (inner !== dirname(inner) && contains(folder, dirname(inner)));
}
