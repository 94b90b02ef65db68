import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { namesIn, removeIfEmpty } from './membership.ts';
import { SIGNALS } from './protocol.ts';
import type { Room } from './room.ts';
import { openSegment } from './segment.ts';

/**
 * Takes over what dead processes of the service have left, a file at a time: a batch that comes meanwhile is first. What
 * cannot be taken over stays where it is until the next time. Never rejects.
 */
export async function adopt(room: Room): Promise<void> {
  const { membership, report } = room;
  const folders = membership.adopt((name, error) =>
    report('adopt', `the folder ${name} of an ended process could not be taken over: ${error}`),
  );
  for (const folder of folders) {
    for (const name of namesIn(folder)) {
      await breathe();
      takeFile(room, join(folder, name), name);
    }
    removeIfEmpty(folder);
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

function takeFile(room: Room, from: string, name: string): void {
  const signal = SIGNALS.find((each) => name.endsWith(`.${each}`));
  if (!signal) return;
  try {
    const segment = openSegment(from, signal, room.disk, join(room.membership.folder, name));
    room.lanes[signal].adopt(segment);
    room.counters.add(`${signal}.stored`, segment.pending());
    room.counters.add(`${signal}.pending`, segment.pending());
  } catch (error) {
    room.report('adopt', `a file of an ended process could not be taken over: ${error}`);
  }
}
