import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingName, RecordingStore } from '../../domain/phrase-book.ts';

/** File = magic, SHA-256 of the audio, audio (µ-law, 8 kHz). */
const MAGIC = Buffer.from('CSPHRASE1\n');
const DIGEST_BYTES = 32;
const HEADER_BYTES = MAGIC.length + DIGEST_BYTES;
const EXTENSION = '.ulaw';
/** Half a minute: a fixed phrase is a sentence or two. */
const MAX_AUDIO_BYTES = 240_000;
/** Some ten voices with all their phrases. */
const MAX_FOLDER_BYTES = 16_000_000;

/** Whose voice it is: another model or provider says the same words with other audio. */
export type Voiced = { readonly voice: string; readonly model: string; readonly baseUrl: string };

export type RecordingFilesOptions = {
  readonly folder: string;
  readonly voiced: Voiced;
  /** Bytes; the files that were not used for longest go first. */
  readonly maxFolderBytes?: number;
};

/**
 * Recordings as files in a folder, named by the hash of what they say and who says it. A file that is damaged, cut or not ours is
 * refused and removed. Nothing throws: a disk that fails costs a request to the provider.
 */
export function createRecordingFiles(options: RecordingFilesOptions): RecordingStore {
  const { folder, voiced, maxFolderBytes = MAX_FOLDER_BYTES } = options;
  const fileOf = (name: RecordingName) => join(folder, `${hashName(name, voiced)}${EXTENSION}`);
  return {
    async load(name) {
      const file = fileOf(name);
      try {
        const audio = parseRecording(await readFile(file));
        if (!audio) await rm(file, { force: true });
        // Its time of change says when it was last wanted.
        else await utimes(file, new Date(), new Date());
        return audio;
      } catch {
        return undefined;
      }
    },
    async save(name, audio) {
      if (audio.length === 0 || audio.length > MAX_AUDIO_BYTES) return;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeWhole(fileOf(name), Buffer.concat([MAGIC, digest(audio), audio]));
        await prune(folder, maxFolderBytes);
      } catch {
        // The phrase is in memory; at the next start it is asked for again.
      }
    },
  };
}

function hashName({ text, language }: RecordingName, { voice, model, baseUrl }: Voiced): string {
  const parts = JSON.stringify([text, language, voice, model, baseUrl]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}

function digest(audio: Uint8Array): Buffer {
  return createHash('sha256').update(audio).digest();
}

function parseRecording(content: Buffer): Uint8Array | undefined {
  if (content.length <= HEADER_BYTES || !content.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const audio = content.subarray(HEADER_BYTES);
  return digest(audio).equals(content.subarray(MAGIC.length, HEADER_BYTES)) ? new Uint8Array(audio) : undefined;
}

/** Whoever reads the file sees all of it or nothing, whenever the process is killed. */
async function writeWhole(file: string, content: Buffer): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What a killed process left half-written is older than this, milliseconds. */
const STALE_TEMPORARY_MS = 600_000;

async function prune(folder: string, maxBytes: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(EXTENSION) || name.endsWith('.tmp'));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      const { size, mtimeMs } = await stat(file);
      return { file, size, mtimeMs, isTemporary: name.endsWith('.tmp') };
    }),
  );
  let bytes = 0;
  for (const { file, size, mtimeMs, isTemporary } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    bytes += size;
    const isStale = isTemporary && mtimeMs < Date.now() - STALE_TEMPORARY_MS;
    if (isStale || (!isTemporary && bytes > maxBytes)) await rm(file, { force: true });
  }
}
