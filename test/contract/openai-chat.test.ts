import type OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { ENGLISH_CALL, systemPrompt, talk } from '../helpers/openai-conversations.ts';
import { type Harness, openHarness } from '../helpers/openai-standin.ts';

type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam;

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.standin.close());

/** The conversation of an English call with the read-back given and `last` said after it. */
function conversation(last?: string): Message[] {
  const { replies } = talk('en', ENGLISH_CALL);
  const lines = ENGLISH_CALL.flatMap((content, index): Message[] => [
    { role: 'user', content },
    { role: 'assistant', content: replies[index] ?? '' },
  ]);
  const heard: Message[] = last === undefined ? lines.slice(0, 1) : [...lines, { role: 'user', content: last }];
  return [{ role: 'system', content: systemPrompt('en') }, ...heard];
}

const SAVE_RECORD = {
  type: 'function',
  function: { name: 'save_record', parameters: { type: 'object', properties: {}, additionalProperties: false } },
} as const;
const MODEL = 'gpt-6-luna';

test('a whole answer has text, finish reason and token counts', async () => {
  const answer = await harness.client.chat.completions.create({ model: MODEL, messages: conversation() });
  expect(answer).toMatchObject({ object: 'chat.completion', model: MODEL, id: expect.stringMatching(/^chatcmpl-/u) });
  expect(answer.choices).toMatchObject([
    {
      message: { role: 'assistant', content: 'At what address, and on what number can we call you back?' },
      finish_reason: 'stop',
    },
  ]);
  const { prompt_tokens: input = 0, completion_tokens: output = 0, total_tokens: total } = answer.usage ?? {};
  expect(input).toBeGreaterThan(80);
  expect(output).toBeGreaterThan(5);
  expect(total).toBe(input + output);
});

test('a stream has text deltas, a finish reason and last a usage chunk without choices', async () => {
  const stream = await harness.client.chat.completions.create({
    model: MODEL,
    messages: conversation(),
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant', content: '' });
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
    'At what address, and on what number can we call you back?',
  );
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
  expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens_details: { cached_tokens: 0 } } });
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
});

test('without include_usage no chunk speaks of usage', async () => {
  const stream = await harness.client.chat.completions.create({ model: MODEL, messages: conversation(), stream: true });
  for await (const chunk of stream) expect(chunk).not.toHaveProperty('usage');
});

test('a confirmed read-back becomes a call of save_record, whole and streamed', async () => {
  const request = { model: MODEL, messages: conversation("Yes, that's right."), tools: [SAVE_RECORD] };
  const whole = await harness.client.chat.completions.create(request);
  expect(whole.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: { content: null, tool_calls: [{ type: 'function', function: { name: 'save_record', arguments: '{}' } }] },
  });
  const final = await harness.client.chat.completions.stream(request).finalChatCompletion();
  expect(final.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      tool_calls: [{ id: expect.stringMatching(/^call_/u), function: { name: 'save_record', arguments: '{}' } }],
    },
  });
});

test('the result of a tool is told to the caller as it was', async () => {
  const answerTo = async (content: string) => {
    const call = { id: 'call_1', type: 'function', function: { name: 'save_record', arguments: '{}' } } as const;
    const messages: Message[] = [
      ...conversation('Yes.'),
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content },
    ];
    const answer = await harness.client.chat.completions.create({ model: MODEL, messages, tools: [SAVE_RECORD] });
    return answer.choices[0]?.message.content;
  };
  expect(await answerTo('{"saved":true}')).toBe('It is noted, thank you and goodbye.');
  expect(await answerTo('{"error":"database gone"}')).toBe('I could not save it, we will call you back.');
});

test('Structured Outputs by a zod schema parse with that schema, whole and streamed', async () => {
  const Form = z.object({
    name: z.string().nullable(),
    wanted: z.object({ dateTime: z.string().nullable(), words: z.string() }).nullable(),
    state: z.object({ name: z.enum(['given', 'confirmed', 'missing']) }),
  });
  const request = { model: MODEL, messages: conversation('Yes.'), response_format: zodResponseFormat(Form, 'form') };
  const expected = {
    name: 'John Smith',
    wanted: { dateTime: '2026-11-24T10:00', words: 'next Tuesday at ten' },
    state: { name: 'confirmed' },
  };
  const whole = await harness.client.chat.completions.parse(request);
  expect(whole.choices[0]?.message.parsed).toEqual(expected);
  const streamed = await harness.client.chat.completions.stream(request).finalChatCompletion();
  expect(streamed.choices[0]?.message.parsed).toEqual(expected);
});

test('an answer longer than max_completion_tokens is cut with finish reason length', async () => {
  const answer = await harness.client.chat.completions.create({
    model: MODEL,
    messages: conversation(),
    max_completion_tokens: 3,
  });
  expect(answer.choices[0]?.finish_reason).toBe('length');
  expect(answer.usage?.completion_tokens).toBe(3);
});

test('a long prompt that was sent before is counted as cached in steps of 128 tokens', async () => {
  const messages: Message[] = [
    { role: 'system', content: 'A rule that is long. '.repeat(400) },
    { role: 'user', content: 'Hello' },
  ];
  const ask = () => harness.client.chat.completions.create({ model: MODEL, messages });
  expect((await ask()).usage?.prompt_tokens_details?.cached_tokens).toBe(0);
  const cached = (await ask()).usage?.prompt_tokens_details?.cached_tokens ?? 0;
  expect(cached).toBeGreaterThanOrEqual(1_024);
  expect(cached % 128).toBe(0);
});

test('a reference that leads back to itself asks for nothing', async () => {
  const schema = { type: 'object', properties: { x: { $ref: '#/$defs/a' } }, $defs: { a: { $ref: '#/$defs/a' } } };
  const answer = await harness.client.chat.completions.create({
    model: MODEL,
    messages: [{ role: 'user', content: 'Hello' }],
    response_format: { type: 'json_schema', json_schema: { name: 'form', schema } },
  });
  expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toHaveProperty('x');
});

test('the list of models names those that end, and one can be looked up', async () => {
  const models = await harness.client.models.list();
  expect(models.data.find(({ id }) => id === 'tts-1')).toMatchObject({ object: 'model', shutdown_date: '2027-01-06' });
  expect(await harness.client.models.retrieve('gpt-6-luna')).toMatchObject({ id: 'gpt-6-luna', shutdown_date: null });
});
