import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { namesIn } from './membership.ts';
import { SIGNALS } from './protocol.ts';
import type { Room } from './room.ts';
import { openSegment, type Segment } from './segment.ts';

/** Takes over what dead processes of the service have left, a file at a time: a batch that comes meanwhile is first. */
export async function adopt(room: Room): Promise<void> {
  for (const folder of foldersOf(room)) {
    for (const name of namesIn(folder)) {
      await breathe();
      const signal = SIGNALS.find((each) => name.endsWith(`.${each}`));
      if (signal) takeFile(room, join(folder, name), name);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts the files of our own folder, which a thread before this one wrote, into their lanes; it had counted them. */
export function reopen(room: Room): void {
  const { counters, membership } = room;
  const known = SIGNALS.map((signal) => ({ signal, pending: counters.get(`${signal}.pending`) }));
  for (const { signal, pending } of known) counters.add(`${signal}.pending`, -pending);
  for (const name of namesIn(membership.folder)) takeFile(room, join(membership.folder, name), name);
  for (const { signal, pending } of known) {
    const found = counters.get(`${signal}.pending`);
    counters.add(`${signal}.stored`, -Math.min(found, pending));
    counters.add(`${signal}.dead`, Math.max(0, pending - found));
  }
}

function foldersOf({ membership, report }: Room): string[] {
  try {
    return membership.adopt();
  } catch (error) {
    report('adopt', `the spool of an ended process could not be taken over: ${error}`);
    return [];
  }
}

function takeFile(room: Room, from: string, name: string): void {
  const signal = SIGNALS.find((each) => name.endsWith(`.${each}`));
  if (!signal) return;
  try {
    const file = join(room.membership.folder, name);
    if (from !== file) renameSync(from, file);
    const segment: Segment = openSegment(file, signal, room.disk);
    room.lanes[signal].adopt(segment);
    room.counters.add(`${signal}.stored`, segment.pending());
    room.counters.add(`${signal}.pending`, segment.pending());
  } catch (error) {
    room.report('adopt', `a file of an ended process could not be taken over: ${error}`);
  }
}
