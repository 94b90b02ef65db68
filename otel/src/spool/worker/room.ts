import type { Aside } from './aside.ts';
import type { Counters, Loss } from './counters.ts';
import type { Disk } from './disk.ts';
import { type Lane, READ_BYTES } from './lane.ts';
import type { Losses } from './losses.ts';
import type { Membership } from './membership.ts';
import { SIGNALS, type Signal, type SpoolSettings } from './protocol.ts';
import type { Reporter } from './reporter.ts';
import type { Segment, Stretch } from './segment.ts';

/** What the parts of the storage share. */
export type Room = {
  readonly settings: SpoolSettings;
  readonly counters: Counters;
  readonly report: Reporter;
  readonly disk: Disk;
  readonly membership: Membership;
  readonly lanes: Readonly<Record<Signal, Lane>>;
  readonly losses: Losses;
  readonly dead: Aside;
  readonly damaged: Aside;
};

/** All files, lane by lane, oldest first. */
export function allSegments({ lanes }: Room): Segment[] {
  return SIGNALS.flatMap((signal) => [...lanes[signal].segments()]);
}

/** What a file still held is lost: counted, and the file removed. */
export function lose(room: Room, segment: Segment, loss: Loss): void {
  const lost = segment.pending();
  const { signal } = segment;
  room.counters.add(`${signal}.pending`, -lost);
  room.counters.add(`${signal}.dead`, lost);
  if (lost > 0 && signal === 'traces') countTraces(room, segment, loss);
  discard(room, segment);
}

/** Everything up to there has been dealt with. Where the file cannot remember it, it may be sent once more after a restart. */
export function advance({ report }: Room, segment: Segment, stretch: Stretch): void {
  try {
    segment.advance(stretch);
  } catch (error) {
    report('write', `the spool could not be written: ${error}`);
  }
}

/** Removes a file that holds nothing more. */
export function discard({ lanes, report }: Room, segment: Segment): void {
  lanes[segment.signal].forget(segment);
  try {
    segment.remove();
  } catch (error) {
    report('remove', `a file of the spool could not be removed: ${error}`);
  }
}

function countTraces(room: Room, segment: Segment, loss: Loss): void {
  try {
    for (let stretch = segment.read(READ_BYTES); stretch; stretch = segment.read(READ_BYTES)) {
      for (const { traceIds } of stretch.records) room.losses.add(loss, traceIds);
      advance(room, segment, stretch);
    }
  } catch {
    // The file is unreadable, and lost all the same.
  }
}
