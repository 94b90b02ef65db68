import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecordings } from '../../../services/caller/command/recordings.ts';
import { createWavHeader } from '../../../services/openai/domain/audio/wav.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-recordings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function writeWav(name: string, samples: readonly number[]): string {
  const file = join(folder, name);
  const pcm = Buffer.from(Int16Array.from(samples).buffer);
  writeFileSync(file, Buffer.concat([createWavHeader(16_000, pcm.length), pcm]));
  return file;
}

test('recordings come in the order of the list, brought to the rate of the line', () => {
  const loud = writeWav('loud.wav', new Array(320).fill(8000));
  const other = writeWav('other.wav', new Array(640).fill(-8000));
  expect(readRecordings(`${loud}, ${other}`).map((bytes) => bytes.length)).toEqual([160, 320]);
});

test('a recording of nothing is refused: the caller would wait for the end of it for ever', () => {
  const file = writeWav('still.wav', new Array(320).fill(0));
  expect(() => readRecordings(file)).toThrow(`--audio ${file}: nothing but silence`);
});
