import fc from 'fast-check';
import { createEventReader } from '../../../otel/src/model/event-lines.ts';
import type { ModelFacts } from '../../../otel/src/model/model-facts.ts';
import { watchBody } from '../../../otel/src/model/response-facts.ts';

type Seen = { facts: ModelFacts; firstAt: number | undefined; complete: boolean; failed: string | undefined };

/** Lets each piece go by; `firstAt` is the piece that brought the first content. */
function watch(contentType: string, pieces: readonly (string | Uint8Array)[]): Seen {
  const seen: Seen = { facts: {}, firstAt: undefined, complete: false, failed: undefined };
  let index = 0;
  const watcher = watchBody(contentType, {
    firstContent: () => {
      seen.firstAt ??= index;
    },
    facts: (facts) => {
      seen.facts = { ...seen.facts, ...facts };
    },
    complete: () => {
      seen.complete = true;
    },
    failed: (message) => {
      seen.failed = message;
    },
  });
  for (const [at, piece] of pieces.entries()) {
    index = at;
    watcher.chunk(typeof piece === 'string' ? Buffer.from(piece) : piece);
  }
  watcher.end();
  return seen;
}

const events = (...list: readonly object[]) => list.map((event) => `data: ${JSON.stringify(event)}\n\n`);
const SSE = 'text/event-stream; charset=utf-8';

test('a stream of responses tells first text, usage with cached and reasoning tokens, model and status', () => {
  const usage = {
    input_tokens: 90,
    input_tokens_details: { cached_tokens: 64, cache_write_tokens: 5 },
    output_tokens: 30,
    output_tokens_details: { reasoning_tokens: 12 },
  };
  const seen = watch(
    SSE,
    events(
      { type: 'response.created', response: { id: 'r', model: 'gpt-6-luna', status: 'in_progress', usage: null } },
      { type: 'response.output_item.added', item: {} },
      { type: 'response.output_text.delta', delta: 'Bon' },
      { type: 'response.output_text.delta', delta: 'jour' },
      { type: 'response.completed', response: { model: 'gpt-6-luna-2026-09-01', status: 'completed', usage } },
    ),
  );
  expect(seen).toEqual({
    facts: {
      responseModel: 'gpt-6-luna-2026-09-01',
      finishReasons: ['completed'],
      inputTokens: 90,
      outputTokens: 30,
      cachedTokens: 64,
      cacheWriteTokens: 5,
      reasoningTokens: 12,
    },
    firstAt: 2,
    complete: true,
    failed: undefined,
  });
});

test('an incomplete response tells why, a failed one its code', () => {
  const incomplete = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  const cut = watch(SSE, events({ type: 'response.incomplete', response: incomplete }));
  expect(cut.facts.finishReasons).toEqual(['max_output_tokens']);
  expect(cut.complete).toBe(true);
  const failed = { status: 'failed', error: { code: 'server_error', message: 'said by a stranger' } };
  expect(watch(SSE, events({ type: 'response.failed', response: failed })).failed).toBe('server_error');
  expect(watch(SSE, events({ type: 'error', code: 'rate_limit_exceeded' })).failed).toBe('rate_limit_exceeded');
  expect(watch(SSE, events({ error: { message: 'overloaded' } })).failed).toBe('error');
});

test('a transcription tells the seconds or tokens that were heard, and how many interim transcripts came', () => {
  const done = { type: 'transcript.text.done', text: 'Bonjour', usage: { type: 'duration', seconds: 2.5 } };
  const delta = { type: 'transcript.text.delta', delta: 'Bon' };
  expect(watch(SSE, events(delta, delta, delta, done))).toMatchObject({
    facts: { audioSeconds: 2.5, interimCount: 3 },
    firstAt: 0,
    complete: true,
  });
  const tokens = { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 14 }, output_tokens: 6 };
  expect(watch('application/json', [JSON.stringify({ text: 'Bonjour', usage: tokens })]).facts).toEqual({
    inputTokens: 14,
    audioInputTokens: 14,
    outputTokens: 6,
  });
  expect(watch('application/json', ['{"text":"Bonjour","duration":3.2}']).facts).toEqual({ audioSeconds: 3.2 });
});

test('speech as events tells its first audio and its usage, speech as bytes its first byte', () => {
  const audio = { type: 'speech.audio.delta', audio: 'AAAA' };
  const done = { type: 'speech.audio.done', usage: { input_tokens: 8, output_tokens: 50, total_tokens: 58 } };
  expect(watch(SSE, events(audio, audio, done))).toMatchObject({
    facts: { inputTokens: 8, outputTokens: 50 },
    firstAt: 0,
    complete: true,
  });
  expect(watch('audio/pcm', [new Uint8Array(0), new Uint8Array(2)]).firstAt).toBe(1);
});

test('what a chat stream tells does not depend on where its bytes are cut', () => {
  const chunk = { object: 'chat.completion.chunk', model: 'm-2026' };
  const text = events(
    { ...chunk, choices: [{ delta: { role: 'assistant' } }] },
    { ...chunk, choices: [{ delta: { content: 'Où êtes-vous ?' }, finish_reason: null }] },
    { ...chunk, choices: [{ delta: { content: '…' }, finish_reason: null }] },
    { ...chunk, choices: [{ delta: {}, finish_reason: 'stop' }] },
    { ...chunk, choices: [], usage: { prompt_tokens: 12, completion_tokens: 3 } },
  );
  const bytes = Buffer.from(`${text.join('').replaceAll('\n', '\r\n')}data: [DONE]\r\n\r\n`);
  const expected = { responseModel: 'm-2026', finishReasons: ['stop'], inputTokens: 12, outputTokens: 3 };
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      const seen = watch(SSE, pieces);
      expect(seen.facts).toEqual(expected);
      expect(seen.complete).toBe(true);
    }),
  );
});

test('events are read as the specification has them: CR, LF or CRLF, data over several lines, comments passed over', () => {
  const data: string[] = [];
  const reader = createEventReader((text) => data.push(text));
  reader.push(Buffer.from(': hello\rdata: one\r\rdata:two\ndata: three\n\nevent: x\r\ndata: four\r\n\r\ndata: last'));
  reader.end();
  expect(data).toEqual(['one', 'two\nthree', 'four', 'last']);
});

test('a line end that is cut in two is one line end', () => {
  const text = Buffer.from('data: one\r\ndata: two\r\n\r\n');
  for (let cut = 0; cut <= text.length; cut += 1) {
    const data: string[] = [];
    const reader = createEventReader((event) => data.push(event));
    reader.push(text.subarray(0, cut));
    reader.push(text.subarray(cut));
    expect(data).toEqual(['one\ntwo']);
  }
});

test('an event that never ends is not kept', () => {
  const data: string[] = [];
  const reader = createEventReader((text) => data.push(text));
  const piece = Buffer.from(`${'x'.repeat(65_536)}`);
  reader.push(Buffer.from('data: '));
  for (let index = 0; index < 40; index += 1) reader.push(piece);
  reader.push(Buffer.from('\n\ndata: next\n\n'));
  expect(data).toEqual(['next']);
});

test.each([
  [{ object: 'response', status: 'failed', error: { code: 'server_error', message: 'x' } }, 'server_error'],
  [{ object: 'response', status: 'failed', error: null }, 'error'],
  [{ error: { message: 'x', code: null } }, 'error'],
  [{ object: 'response', status: 'completed', error: null }, undefined],
  [
    { object: 'response', status: 'incomplete', error: null, incomplete_details: { reason: 'max_output_tokens' } },
    undefined,
  ],
  [{ text: 'hello', usage: { type: 'duration', seconds: 1 } }, undefined],
])('an answer in one piece says itself whether it failed: %j', (answer, code) => {
  const usage = { input_tokens: 5 };
  const seen = watch('application/json', [JSON.stringify({ usage, ...answer })]);
  expect(seen.failed).toBe(code);
});

test('what a failed answer cost is told, too', () => {
  const answer = { object: 'response', status: 'failed', usage: { input_tokens: 5, output_tokens: 0 } };
  expect(watch('application/json', [JSON.stringify(answer)])).toMatchObject({
    facts: { inputTokens: 5 },
    failed: 'error',
  });
});
