import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Folders as the containers of a stack see them, and the two scripts run on them. */
export type BackupStage = {
  readonly folder: string;
  /** Data folder of a store, made when it is first asked for. */
  volume(name: string): string;
  /** An empty one in another set of volumes. */
  emptyVolume(name: string): string;
  readonly backups: string;
  /** Name of the new backup. @throws Error with what the script wrote */
  backUp(env?: Readonly<Record<string, string>>): Promise<string>;
  restore(...args: readonly string[]): Promise<string>;
  /** Gives the empty volumes to the users of their containers, as root. */
  ownVolumes(): Promise<string>;
  cleanUp(): void;
};

/** The environment in which the scripts find this Node and this checkout. */
export const BACKUP_ENV = {
  ...process.env,
  PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
  CALLSPAN_APP_DIR: process.cwd(),
  NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
};

export function openBackupStage(): BackupStage {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-backup-'));
  const make = (...parts: string[]) => {
    const made = join(folder, ...parts);
    mkdirSync(made, { recursive: true });
    return made;
  };
  const [volumes, empty, backups] = [make('volumes'), make('empty'), make('backups')];
  const run = async (script: string, args: readonly string[], env = {}) => {
    const { stdout } = await promisify(execFile)('sh', [`collector/compose/${script}`, ...args], {
      env: { ...BACKUP_ENV, ...env },
    });
    return stdout.trim();
  };
  return {
    folder,
    backups,
    volume: (name) => make('volumes', name),
    emptyVolume: (name) => make('empty', name),
    backUp: async (env) => (await run('backup.sh', [volumes, backups], env)).slice(backups.length + 1),
    ownVolumes: () => run('own-volumes.sh', [empty]),
    restore: (...args) => run('restore.sh', [backups, empty, ...args]),
    cleanUp: () => rmSync(folder, { recursive: true, force: true }),
  };
}
