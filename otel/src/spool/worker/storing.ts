import { isFull } from './disk.ts';
import { createdAtMs } from './lane.ts';
import type { Batch, Signal } from './protocol.ts';
import { allSegments, discard, lose, type Room } from './room.ts';
import { SEGMENT_HEADER_BYTES, type Segment } from './segment.ts';

/** A file holds at most this part of the spool, and of its time: that much goes when the oldest must go. */
export const PARTS = 16;
/** More than a record takes beyond its body: header, description, header of a new file. */
const MARGIN_BYTES = 256 + SEGMENT_HEADER_BYTES;
const TRACE_ID_BYTES = 35;
/** What has been delivered does not stay on the disk for longer. */
const IDLE_MS = 20_000;

/** Writes a batch, whatever has to go for it; what cannot be written is counted. Never throws. */
export function store(room: Room, signal: Signal, batch: Batch): void {
  const needed = batch.body.length + batch.traceIds.length * TRACE_ID_BYTES + MARGIN_BYTES;
  let isWritten = needed <= room.settings.maxBytes && makeRoom(room, needed);
  if (isWritten) isWritten = write(room, signal, batch);
  if (isWritten) {
    room.counters.add(`${signal}.stored`, batch.items);
    room.counters.add(`${signal}.pending`, batch.items);
  } else {
    room.losses.add('not_stored', batch.traceIds);
    room.report('not_stored', `${batch.items} ${signal} could not be written to the spool`);
  }
  room.counters.add('handled', 1);
}

/** Drops what is older than allowed, begins new files, so that a file's age is its content's, and ends idle ones. */
export function expire(room: Room, nowMs: number): void {
  const { maxAgeMs } = room.settings;
  for (const segment of allSegments(room)) {
    const lane = room.lanes[segment.signal];
    if (nowMs - segment.lastWriteMs() > maxAgeMs) drop(room, segment, `older than ${maxAgeMs / 3_600_000} h`);
    else if (segment.isDelivered() && nowMs - segment.lastWriteMs() > IDLE_MS) discard(room, segment);
    else if (lane.isWriting(segment) && nowMs - createdAtMs(segment.name) > maxAgeMs / PARTS) lane.roll();
  }
}

function makeRoom(room: Room, neededBytes: number): boolean {
  const total = () => allSegments(room).reduce((sum, segment) => sum + segment.bytes(), 0);
  while (total() + neededBytes > room.settings.maxBytes) {
    if (!dropOldest(room, `the spool has its ${room.settings.maxBytes} bytes`)) return false;
  }
  return true;
}

function write(room: Room, signal: Signal, batch: Batch): boolean {
  const lane = room.lanes[signal];
  for (let isSecondTry = false; ; ) {
    try {
      lane.append(batch, () => folderOf(room));
      return true;
    } catch (error) {
      room.report('write', `the spool could not be written: ${error}`);
      lane.roll();
      if (isFull(error)) {
        if (!dropOldest(room, 'the disk is full')) return false;
      } else {
        if (isSecondTry) return false;
        isSecondTry = true;
      }
    }
  }
}

/** It goes when all has been delivered, and somebody may have removed it under us. */
function folderOf({ membership }: Room): string {
  membership.renew();
  return membership.folder;
}

function dropOldest(room: Room, why: string): boolean {
  const [oldest] = allSegments(room).sort((one, other) => (one.name < other.name ? -1 : 1));
  if (!oldest) return false;
  drop(room, oldest, why);
  return true;
}

function drop(room: Room, segment: Segment, why: string): void {
  const pending = segment.pending();
  if (pending === 0) {
    discard(room, segment);
    return;
  }
  lose(room, segment, 'dropped');
  room.report('dropped', `${why}: the oldest ${pending} ${segment.signal} were dropped`);
}
