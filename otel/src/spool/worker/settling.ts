import { writeFileSync } from 'node:fs';
import { codeOf, isShortage } from './disk.ts';
import { READ_BYTES } from './lane.ts';
import type { Signal } from './protocol.ts';
import { encodeRecord } from './records.ts';
import { advance, discard, lose, type Room } from './room.ts';
import { type Segment, type Stretch, segmentHeader } from './segment.ts';

/** The next records of a lane, until they are settled. */
export type Parcel = Stretch & { readonly signal: Signal; readonly segment: Segment };

/** Spans, log records or metric exports of a parcel. */
export function itemsOf({ records }: Stretch): number {
  return records.reduce((sum, { items }) => sum + items, 0);
}

/** The oldest records of a lane that have not been settled; files without any are removed on the way. */
export function next(room: Room, signal: Signal, maxRecords?: number): Parcel | undefined {
  const lane = room.lanes[signal];
  for (let segment = lane.segments()[0]; segment; segment = lane.segments()[0]) {
    try {
      const stretch = segment.read(READ_BYTES, maxRecords, lane.window);
      if (stretch) return { ...stretch, signal, segment };
    } catch (error) {
      room.report('read', `a file of the spool could not be read: ${codeOf(error) || error}`);
      if (isShortage(error)) return undefined;
      lose(room, segment, 'damaged');
      continue;
    }
    if (lane.isWriting(segment) && !segment.isDamaged()) return undefined;
    finish(room, segment);
  }
  return undefined;
}

/** @param rejected items of it that the receiver did not keep */
export function settleDelivered(room: Room, parcel: Parcel, rejected: number): void {
  const lost = Math.min(rejected, itemsOf(parcel));
  if (lost > 0) {
    room.report('rejected', `the receiver rejected ${lost} of ${itemsOf(parcel)} ${parcel.signal}`);
    // Which of them it does not say.
    const traceIds = parcel.records.flatMap((record) => record.traceIds);
    if (lost === itemsOf(parcel)) room.losses.add('refused', traceIds);
    else if (parcel.signal === 'traces') room.losses.add('refused', traceIds.slice(0, 1));
  }
  settle(room, parcel, lost);
}

/** Keeps the parcel in `dead/`: it is never sent again. @param label why, for the file's name */
export function settleDead(room: Room, parcel: Parcel, label: string): void {
  const { signal, records } = parcel;
  try {
    const bytes = Buffer.concat([segmentHeader(), ...records.flatMap((record) => encodeRecord(record))]);
    const name = `${Date.now()}-${room.settings.member}-${label}-${parcel.end}.${signal}`;
    writeFileSync(room.dead.reserve(name, bytes.length), bytes, { mode: 0o600 });
  } catch (error) {
    room.report('dead', `a refused batch could not be kept: ${error}`);
  }
  for (const { traceIds } of records) room.losses.add('refused', traceIds);
  room.report(
    'refused',
    `the receiver refused ${itemsOf(parcel)} ${signal} for good (${label}); they are kept in dead/`,
  );
  settle(room, parcel, itemsOf(parcel));
}

/** A file that was dropped while its records were under way has been counted already. */
function settle(room: Room, parcel: Parcel, lost: number): void {
  const { signal, segment } = parcel;
  if (!room.lanes[signal].segments().includes(segment)) return;
  const items = itemsOf(parcel);
  advance(room, segment, parcel);
  room.counters.add(`${signal}.pending`, -items);
  room.counters.add(`${signal}.dead`, lost);
  room.counters.add(`${signal}.delivered`, items - lost);
}

/** Nothing more can be read. What is then still counted as waiting stood in a damaged stretch. */
function finish(room: Room, segment: Segment): void {
  if (!segment.isDamaged()) {
    discard(room, segment);
    return;
  }
  const lost = segment.pending();
  room.counters.add(`${segment.signal}.pending`, -lost);
  room.counters.add(`${segment.signal}.dead`, lost);
  if (segment.signal === 'traces') room.losses.addUnknown('damaged');
  room.report('damaged', `a file of the spool was damaged; what was whole went on, the file is kept in damaged/`);
  room.lanes[segment.signal].forget(segment);
  segment.close();
  try {
    room.damaged.move(segment.file, segment.name);
  } catch (error) {
    room.report('remove', `a damaged file could not be moved aside: ${error}`);
  }
}
