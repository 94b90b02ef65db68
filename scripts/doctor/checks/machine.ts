import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding } from '../finding.ts';
import type { Setup } from '../setup.ts';

const GIB = 2 ** 30;
const SCARCE_BYTES = 2 * GIB;
/** A spool alone may take a quarter of it (CALLSPAN_SPOOL_MAX_BYTES). */
const TOO_FEW_BYTES = GIB / 2;
const OTHERS = 0o077;

/** Node, the data folder and the room on its disk. Nothing is left in the folder. */
export function checkMachine({ dataDir }: Pick<Setup, 'dataDir'>): readonly Finding[] {
  const node: Finding = {
    id: 'machine.node',
    level: 'ok',
    what: `Node ${process.versions.node}`,
    where: process.execPath,
    wayOut: '',
  };
  return [node, checkFolder(dataDir), checkRoom(dataDir)];
}

function checkFolder(dataDir: string): Finding {
  const finding = { id: 'machine.data-folder', where: dataDir };
  const wayOut = 'give the folder to the user who runs this, or set CALLSPAN_DATA_DIR to another';
  try {
    if (!existsSync(dataDir)) {
      accessSync(findExisting(dataDir), constants.W_OK | constants.X_OK);
      return { ...finding, level: 'ok', what: 'not there yet, and can be made', wayOut: '' };
    }
    rmSync(mkdtempSync(join(dataDir, '.doctor-')), { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { ...finding, level: 'error', what: `cannot be written (${code ?? (error as Error).message})`, wayOut };
  }
  const mode = statSync(dataDir).mode & 0o777;
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    const what = `writable, but mode ${mode.toString(8)} lets others look into it`;
    return { ...finding, level: 'warning', what, wayOut: `chmod 700 ${dataDir}` };
  }
  return { ...finding, level: 'ok', what: 'writable', wayOut: '' };
}

function checkRoom(dataDir: string): Finding {
  const folder = findExisting(dataDir);
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  const finding = { id: 'machine.disk', where: folder, what: `${(freeBytes / GIB).toFixed(1)} GiB free` };
  if (freeBytes >= SCARCE_BYTES) return { ...finding, level: 'ok', wayOut: '' };
  const wayOut = 'make room, set CALLSPAN_DATA_DIR to another disk, or keep less (CALLSPAN_RETENTION)';
  return { ...finding, level: freeBytes < TOO_FEW_BYTES ? 'error' : 'warning', wayOut };
}

function findExisting(folder: string): string {
  return existsSync(folder) ? folder : findExisting(dirname(folder));
}
