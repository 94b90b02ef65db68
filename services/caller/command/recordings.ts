import { readFileSync } from 'node:fs';
import { decodeMulaw } from '../../line/mulaw.ts';
import { isAudible } from '../domain/audible.ts';
import { parseWav } from '../domain/wav.ts';
import { UsageError } from './usage-error.ts';

const PLAYABLE = 'mono, µ-law at 8 kHz or 16-bit PCM at 8 kHz or a multiple of it';

/** The WAV files of `--audio FILE[,FILE]` as µ-law at 8 kHz. @throws UsageError naming the file that cannot be spoken, and why. */
export function readRecordings(list: string): Uint8Array[] {
  return list.split(',').map((file) => {
    const sound = parseWav(readFile(file.trim()));
    if (!sound) throw new UsageError(`--audio ${file}: not a WAV file that the line can play (${PLAYABLE})`);
    if (!decodeMulaw(sound).some(isAudible)) throw new UsageError(`--audio ${file}: nothing but silence`);
    return sound;
  });
}

function readFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new UsageError(`--audio ${file}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
}
