import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecordingFiles } from '../../../services/bot/adapters/phrase-cache/recording-files.ts';

const VOICED = { voice: 'alloy', model: 'tts', baseUrl: 'http://127.0.0.1/v1' };
const NAME = { text: 'Bonjour', language: 'fr' } as const;
const AUDIO = Uint8Array.from({ length: 1000 }, (_, index) => index % 256);
let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'callspan-phrases-')), 'phrases');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const open = (more: { voiced?: typeof VOICED; maxFolderBytes?: number } = {}) =>
  createRecordingFiles({ folder, voiced: VOICED, ...more });
const files = () => readdirSync(folder);
const onlyFile = () => join(folder, files()[0] ?? '');

test('a recording outlives the process, byte for byte, and leaves no half-written file', async () => {
  await open().save(NAME, AUDIO);
  expect(await open().load(NAME)).toEqual(AUDIO);
  expect(files()).toHaveLength(1);
});

test.each([
  ['other words', {}, { ...NAME, text: 'Bonsoir' }],
  ['another language', {}, { ...NAME, language: 'en' as const }],
  ['another voice', { voice: 'marin' }, NAME],
  ['another model', { model: 'tts-2' }, NAME],
  ['another provider', { baseUrl: 'http://127.0.0.1:9/v1' }, NAME],
])('%s: another recording', async (_what, voiced, name) => {
  await open().save(NAME, AUDIO);
  expect(await open({ voiced: { ...VOICED, ...voiced } }).load(name)).toBeUndefined();
});

test.each([
  ['cut', (content: Buffer) => content.subarray(0, -1)],
  ['cut in its head', (content: Buffer) => content.subarray(0, 20)],
  ['empty', () => Buffer.alloc(0)],
  ['without audio', (content: Buffer) => content.subarray(0, 42)],
  ['changed by one bit', (content: Buffer) => content.map((byte, index) => (index === 500 ? byte ^ 1 : byte))],
  ['of another kind', () => Buffer.from('RIFF....WAVEfmt and so on, long enough to be something else')],
])('a file that is %s is refused and removed', async (_what, spoil) => {
  await open().save(NAME, AUDIO);
  writeFileSync(onlyFile(), spoil(readFileSync(onlyFile())));
  expect(await open().load(NAME)).toBeUndefined();
  expect(files()).toEqual([]);
});

test('the folder stays within its bytes: what was not wanted for longest goes', async () => {
  const store = open({ maxFolderBytes: 2500 });
  const names = ['one', 'two', 'three'].map((text) => ({ text, language: 'en' as const }));
  await store.save(names[0]!, AUDIO);
  await store.save(names[1]!, AUDIO);
  for (const file of files()) utimesSync(join(folder, file), 1000, 1000);
  await store.load(names[0]!);
  await store.save(names[2]!, AUDIO);
  expect(await Promise.all(names.map(async (name) => (await store.load(name)) !== undefined))).toEqual([
    true,
    false,
    true,
  ]);
});

test('what a killed process left half-written goes, what another writes now stays', async () => {
  await open().save(NAME, AUDIO);
  writeFileSync(join(folder, 'a.ulaw.1.tmp'), 'old');
  writeFileSync(join(folder, 'b.ulaw.2.tmp'), 'new');
  utimesSync(join(folder, 'a.ulaw.1.tmp'), 1000, 1000);
  await open().save({ ...NAME, text: 'x' }, AUDIO);
  expect(files().filter((file) => file.endsWith('.tmp'))).toEqual(['b.ulaw.2.tmp']);
});

test('nothing is kept of what is no phrase: no audio, or minutes of it', async () => {
  await open().save(NAME, new Uint8Array(0));
  await open().save(NAME, new Uint8Array(240_001));
  expect(await open().load(NAME)).toBeUndefined();
});

test('a disk that cannot be written costs nothing but the recording', async () => {
  writeFileSync(folder, 'a file where the folder should be');
  await open().save(NAME, AUDIO);
  expect(await open().load(NAME)).toBeUndefined();
});
