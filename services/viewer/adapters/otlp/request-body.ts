import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { ViewerError } from '../../domain/errors.ts';

/** The largest request taken, before and after inflating. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** What all requests together may hold in memory before new ones are told to come back. */
const MAX_HELD_BYTES = 96 * 1024 * 1024;

const inflaters = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** Counts the bytes of requests that are being read. */
export type ByteBudget = { held: number };

/**
 * The whole body, inflated. Bytes stay counted in `budget` until `release`.
 * @throws ViewerError `too_large`, `unsupported_media` (encoding), `bad_request` (damaged gzip), `busy` (budget used up)
 */
export async function readBody(
  request: IncomingMessage,
  budget: ByteBudget,
): Promise<{ readonly bytes: Buffer; release(): void }> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const inflater = encoding === 'gzip' || encoding === 'deflate' ? inflaters[encoding] : undefined;
  if (!inflater && encoding !== 'identity' && encoding !== '') {
    throw new ViewerError('unsupported_media', `content encoding ${encoding} is not read: send gzip, deflate or none`);
  }
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  let held = 0;
  const hold = (count: number) => {
    if (budget.held + count > MAX_HELD_BYTES) throw new ViewerError('busy', 'too much at once: try again');
    budget.held += count;
    held += count;
  };
  const release = () => {
    budget.held -= held;
    held = 0;
  };
  try {
    const raw = await readRaw(request, hold);
    if (!inflater) return { bytes: raw, release };
    const bytes = await inflateWithin(raw, inflater);
    hold(bytes.length);
    return { bytes, release };
  } catch (error) {
    release();
    throw error;
  }
}

async function readRaw(request: IncomingMessage, hold: (count: number) => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) throw tooLarge();
      hold(chunk.length);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof ViewerError) throw cause;
    throw new ViewerError('bad_request', 'the request broke off', { cause });
  }
  return Buffer.concat(chunks, length);
}

async function inflateWithin(raw: Buffer, inflater: (typeof inflaters)['gzip']): Promise<Buffer> {
  try {
    // The limit holds while inflating: a small bomb never becomes a large buffer.
    return await inflater(raw, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new ViewerError('bad_request', 'the compressed body is damaged or cut off', { cause });
  }
}

function tooLarge(): ViewerError {
  return new ViewerError('too_large', `the body is larger than ${MAX_BODY_BYTES} bytes: send smaller batches`);
}
