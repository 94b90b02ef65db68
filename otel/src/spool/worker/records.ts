import { crc32 } from 'node:zlib';
import type { Batch } from './protocol.ts';

/**
 * One batch in a file: `CSR1`, length of the description, length of the body, CRC-32 of all that follows the word
 * `CSR1` but itself; each 4 bytes, little-endian; then the description as JSON and the body.
 */
export const RECORD_HEADER_BYTES = 16;
const MAGIC = Buffer.from('CSR1');
/** More than any export is: a greater length is damage. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** A record as it was found. */
export type FoundRecord = Batch & {
  /** Where it ends, in bytes from the start of what was searched. */
  readonly end: number;
  readonly bytes: number;
};

/** What a stretch of a file holds. */
export type FoundRecords = {
  readonly records: readonly FoundRecord[];
  /** Bytes that are dealt with; the rest is the beginning of a record. */
  readonly usedBytes: number;
  /** How many stretches were no record. */
  readonly damages: number;
};

/** The parts of a record, to be written one after the other. */
export function encodeRecord({ body, ...description }: Batch): readonly [Buffer, Uint8Array] {
  const words = Buffer.from(JSON.stringify(description));
  const head = Buffer.allocUnsafe(RECORD_HEADER_BYTES + words.length);
  MAGIC.copy(head);
  head.writeUInt32LE(words.length, 4);
  head.writeUInt32LE(body.length, 8);
  words.copy(head, RECORD_HEADER_BYTES);
  head.writeUInt32LE(checksumOf(head.subarray(4, 12), words, body), 12);
  return [head, body];
}

/**
 * Reads the records of a stretch of a file. What is no record is skipped to the next one that is whole.
 * @param isEnd nothing follows the stretch: a record that is cut off there was never finished, and is no damage
 * @param maxRecords how many are wanted
 */
export function findRecords(stretch: Buffer, isEnd: boolean, maxRecords = Number.POSITIVE_INFINITY): FoundRecords {
  const records: FoundRecord[] = [];
  let at = 0;
  let damages = 0;
  while (at < stretch.length && records.length < maxRecords) {
    const found = recordAt(stretch, at);
    if (typeof found === 'object') {
      records.push(found);
      at = found.end;
      continue;
    }
    if (found === 'cut' && !isEnd) break;
    const next = nextRecord(stretch, at + 1, isEnd);
    if (next === undefined) {
      if (found === 'damaged') damages += 1;
      at = isEnd ? stretch.length : Math.max(at + 1, stretch.length - MAGIC.length + 1);
      break;
    }
    damages += 1;
    at = next;
  }
  return { records, usedBytes: at, damages };
}

function recordAt(stretch: Buffer, at: number): FoundRecord | 'cut' | 'damaged' {
  if (stretch.length - at < RECORD_HEADER_BYTES) {
    return MAGIC.compare(
      stretch,
      at,
      at + Math.min(MAGIC.length, stretch.length - at),
      0,
      Math.min(MAGIC.length, stretch.length - at),
    ) === 0
      ? 'cut'
      : 'damaged';
  }
  if (MAGIC.compare(stretch, at, at + MAGIC.length) !== 0) return 'damaged';
  const bodyAt = at + RECORD_HEADER_BYTES + stretch.readUInt32LE(at + 4);
  const end = bodyAt + stretch.readUInt32LE(at + 8);
  if (end - at > MAX_RECORD_BYTES) return 'damaged';
  if (end > stretch.length) return 'cut';
  const words = stretch.subarray(at + RECORD_HEADER_BYTES, bodyAt);
  const body = stretch.subarray(bodyAt, end);
  if (checksumOf(stretch.subarray(at + 4, at + 12), words, body) !== stretch.readUInt32LE(at + 12)) return 'damaged';
  const description = JSON.parse(words.toString()) as Omit<Batch, 'body'>;
  return { ...description, body, end, bytes: end - at };
}

function nextRecord(stretch: Buffer, from: number, isEnd: boolean): number | undefined {
  for (let at = stretch.indexOf(MAGIC, from); at >= 0; at = stretch.indexOf(MAGIC, at + 1)) {
    const found = recordAt(stretch, at);
    if (typeof found === 'object' || (found === 'cut' && !isEnd)) return at;
  }
  return undefined;
}

function checksumOf(lengths: Uint8Array, words: Uint8Array, body: Uint8Array): number {
  return crc32(body, crc32(words, crc32(lengths)));
}
