import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { adopt, reopen } from './adopting.ts';
import { createAside } from './aside.ts';
import type { Counters } from './counters.ts';
import type { Disk } from './disk.ts';
import { createLane } from './lane.ts';
import { createLosses } from './losses.ts';
import { createMembership } from './membership.ts';
import { type Batch, SIGNALS, type Signal, type SpoolSettings } from './protocol.ts';
import type { Reporter } from './reporter.ts';
import { allSegments, discard, type Room } from './room.ts';
import { next, type Parcel, settleDead, settleDelivered } from './settling.ts';
import { expire, PARTS, store } from './storing.ts';

const MAX_SEGMENT_BYTES = 1024 * 1024;
const MIN_SEGMENT_BYTES = 16 * 1024;

/** What is on the disk: written, read in order, bounded, taken over from the dead. */
export type Storage = {
  /** Writes a batch, whatever has to go for it; what cannot be written is counted. Never throws. */
  store(signal: Signal, batch: Batch): void;
  /** The oldest records that have not been settled; their bodies are good until the next are asked for. */
  next(signal: Signal, maxRecords?: number): Parcel | undefined;
  /** @param rejected items of it that the receiver did not keep */
  settleDelivered(parcel: Parcel, rejected: number): void;
  /** Keeps the parcel in `dead/`: it is never sent again. @param label why, for the file's name */
  settleDead(parcel: Parcel, label: string): void;
  /** Takes over what dead processes of the service have left. */
  adopt(): Promise<void>;
  /** Sign of life and age bound. @param nowMs wall clock */
  maintain(nowMs: number): void;
  /**
   * Returns when the disk has what is not delivered yet: until then a power failure may take it, the end of a process not.
   * Never rejects.
   */
  sync(): Promise<void>;
  /** Removes what has been delivered, and the folder when nothing is left. */
  tidy(): void;
};

/** @throws when the folder cannot be made */
export function openStorage(settings: SpoolSettings, counters: Counters, report: Reporter, disk: Disk): Storage {
  const room = openRoom(settings, counters, report, disk);
  room.membership.renew();
  if (settings.isResumed) reopen(room);
  let syncing = Promise.resolve();
  return {
    store: (signal, batch) => store(room, signal, batch),
    next: (signal, maxRecords) => next(room, signal, maxRecords),
    settleDelivered: (parcel, rejected) => settleDelivered(room, parcel, rejected),
    settleDead: (parcel, label) => settleDead(room, parcel, label),
    adopt: () => adopt(room),
    maintain: (nowMs) => maintain(room, nowMs),
    sync() {
      syncing = syncing.then(() => sync(room));
      return syncing;
    },
    tidy: () => tidy(room),
  };
}

function openRoom(settings: SpoolSettings, counters: Counters, report: Reporter, disk: Disk): Room {
  const partBytes = Math.floor(settings.maxBytes / PARTS);
  const segmentBytes = Math.max(MIN_SEGMENT_BYTES, Math.min(MAX_SEGMENT_BYTES, partBytes));
  const lane = (signal: Signal) => createLane(signal, settings.member, segmentBytes, disk);
  return {
    settings,
    counters,
    report,
    disk,
    membership: createMembership(settings.root, settings.member),
    lanes: { traces: lane('traces'), logs: lane('logs'), metrics: lane('metrics') },
    losses: createLosses(counters),
    dead: createAside(join(settings.root, 'dead'), partBytes),
    damaged: createAside(join(settings.root, 'damaged'), partBytes),
  };
}

function maintain(room: Room, nowMs: number): void {
  try {
    room.membership.renew();
  } catch (error) {
    room.report('write', `the spool's folder could not be written: ${error}`);
  }
  expire(room, nowMs);
}

/** A file at a time: what comes meanwhile is written first, however slow the disk and however many files wait. */
async function sync(room: Room): Promise<void> {
  for (const segment of allSegments(room)) {
    await breathe();
    try {
      if (segment.pending() > 0 && room.lanes[segment.signal].segments().includes(segment)) segment.sync();
    } catch (error) {
      room.report('sync', `a file of the spool may not be on the disk: ${error}`);
    }
  }
}

/** A file is only done with when every record of it has been settled. */
function tidy(room: Room): void {
  for (const signal of SIGNALS) {
    const lane = room.lanes[signal];
    for (const segment of lane.segments()) if (segment.isDelivered()) discard(room, segment);
  }
  room.membership.leave();
}
