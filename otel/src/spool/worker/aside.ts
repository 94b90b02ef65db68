import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from './membership.ts';

/** A folder for files that are kept for a person, bounded: the oldest go first. */
export type Aside = {
  /** Moves a file in. @throws what the system says */
  move(file: string, name: string): void;
  /** Makes room, then hands the path of a file that is to be written. */
  reserve(name: string, bytes: number): string;
};

/** @param folder made when it is first needed, mode 0700 */
export function createAside(folder: string, maxBytes: number): Aside {
  const reserve = (name: string, bytes: number) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const kept = namesIn(folder).map((each) => ({ path: join(folder, each), bytes: sizeOf(join(folder, each)) }));
    let total = bytes + kept.reduce((sum, each) => sum + each.bytes, 0);
    for (const oldest of kept) {
      if (total <= maxBytes) break;
      rmSync(oldest.path, { force: true });
      total -= oldest.bytes;
    }
    return join(folder, name);
  };
  return {
    reserve,
    move: (file, name) => renameSync(file, reserve(name, sizeOf(file))),
  };
}

/** Another process of the service may have removed it meanwhile. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
