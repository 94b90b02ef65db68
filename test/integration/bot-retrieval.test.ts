import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type RetrievalThread, startRetrieval } from '../../services/bot/adapters/retrieval/retrieval-thread.ts';
import { ProviderError } from '../../services/bot/domain/errors.ts';
import type { Language } from '../../services/bot/domain/ports.ts';

const CORPUS = 'services/bot/corpus';
const turn = { callSid: 'CA1', turnIndex: 1 };
const never = new AbortController().signal;
let retrieval: RetrievalThread;
let folder: string;
beforeAll(async () => {
  retrieval = await startRetrieval(CORPUS);
  folder = mkdtempSync(join(tmpdir(), 'callspan-corpus-'));
});
afterAll(async () => {
  await retrieval.close();
  rmSync(folder, { recursive: true });
});

const retrieve = (question: string, language: Language, from = retrieval) =>
  from.port.retrieve({ turn, question, language, signal: never });

test.each([
  ['en', 'What are your opening hours?', /eight in the morning/],
  ['en', 'Are you open on Saturday?', /Saturday we are open/],
  ['en', 'Where are you located?', /24 rue des Tanneurs/],
  ['en', 'How much does a visit cost?', /sixty euros/],
  ['en', 'Can I park my car?', /yard behind our shop/],
  ['en', 'What should I bring?', /bring a photo/],
  ['fr', 'Quels sont vos horaires ?', /huit heures/],
  ['fr', 'Vous ouvrez le dimanche ?', /dimanche/],
  ['fr', 'Où êtes-vous situés ?', /24 rue des Tanneurs/],
  ['fr', 'Quels sont vos tarifs ?', /euros/],
  ['fr', 'Combien coute un deplacement', /soixante euros/],
  ['fr', 'Peut-on se garer ?', /la cour derrière/],
  ['fr', 'Que faut-il apporter ?', /apporter une photo/],
] as const)('(%s) "%s" is answered by the first passages', async (language, question, answer) => {
  const passages = await retrieve(question, language);
  expect(passages.length).toBeLessThanOrEqual(3);
  expect(passages.map(({ text }) => text).join('\n')).toMatch(answer);
  expect(passages.every(({ source }) => source.startsWith(`${language}.md:`))).toBe(true);
});

test.each([
  '"',
  '" OR "',
  'price AND NOT (',
  'text:price',
  'NEAR(a b, 3)',
  '*',
  '^price',
  '🙂',
  '',
  '   ',
  '\u0000',
  '\ud800',
])('what would be an operator is a word like any other: %j', async (question) => {
  expect((await retrieve(question, 'en')).length).toBeLessThanOrEqual(3);
});

test('no text at all makes it throw', async () => {
  const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^["*()^:\- ORANDNEAR]{1,30}$/));
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      expect(Array.isArray(await retrieve(text, 'fr'))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('a question that was stopped says why', async () => {
  const stop = new AbortController();
  const asking = retrieval.port.retrieve({ turn, question: 'price', language: 'en', signal: stop.signal });
  stop.abort(new ProviderError('timeout', 'too late'));
  await expect(asking).rejects.toMatchObject({ code: 'timeout' });
});

test('a thread that has ended fails what is asked of it', async () => {
  const other = await startRetrieval(CORPUS);
  await other.close();
  await expect(retrieve('price', 'en', other)).rejects.toMatchObject({ code: 'api' });
});

test('a corpus of your own is read; a folder without passages stops the start', async () => {
  await expect(startRetrieval(folder)).rejects.toThrow('holds no passage');
  await expect(startRetrieval(join(folder, 'missing'))).rejects.toThrow('ENOENT');
  writeFileSync(join(folder, 'en.md'), '# Ours\r\n\r\n## Cakes\r\n- We bake on Mondays.\r\n');
  const own = await startRetrieval(folder);
  expect(await retrieve('Any cakes?', 'en', own)).toEqual([{ source: 'en.md:4', text: 'We bake on Mondays.' }]);
  await own.close();
});
