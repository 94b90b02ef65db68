import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupConfig } from './config.ts';

/** A complete backup: its name (UTC time) and when its list of sums was written, epoch milliseconds. */
export type Backup = { readonly name: string; readonly completedAtMs: number };

const NAME = /^\d{4}-\d{2}-\d{2}T\d{6}Z$/;

/** Makes a backup and returns where it is. @throws Error with the last line that the script said */
export async function backUp({ script, from, to }: Pick<BackupConfig, 'script' | 'from' | 'to'>): Promise<string> {
  const child = spawn('sh', [script, from, to], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(complaint.trim().split('\n').at(-1) || `${script} ended with ${code}`);
  return said.trim();
}

/** Complete backups in a folder, the oldest first. */
export function listBackups(folder: string): readonly Backup[] {
  return readdirSync(folder)
    .filter((name) => NAME.test(name) && existsSync(join(folder, name, 'SHA256SUMS')))
    .toSorted()
    .map((name) => ({ name, completedAtMs: statSync(join(folder, name, 'SHA256SUMS')).mtimeMs }));
}

/** The newest complete one; undefined: there is none. */
export function newestBackup(folder: string): Backup | undefined {
  return listBackups(folder).at(-1);
}

/** Drops all but the newest `kept`, and says which. */
export function dropOldBackups({ to, kept }: Pick<BackupConfig, 'to' | 'kept'>): readonly string[] {
  const dropped = listBackups(to)
    .slice(0, -kept)
    .map(({ name }) => name);
  for (const name of dropped) rmSync(join(to, name), { recursive: true });
  return dropped;
}
