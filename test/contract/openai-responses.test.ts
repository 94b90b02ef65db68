import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { ENGLISH_CALL, FRENCH_CALL, systemPrompt, talk } from '../helpers/openai-conversations.ts';
import { type Harness, openHarness } from '../helpers/openai-standin.ts';

type Item = OpenAI.Responses.ResponseInputItem;

const MODEL = 'gpt-6-luna';
const QUESTION = 'At what address, and on what number can we call you back?';
const SAVE_RECORD = {
  type: 'function',
  name: 'save_record',
  strict: true,
  parameters: { type: 'object', properties: {}, required: [], additionalProperties: false },
} as const;
let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.standin.close());

const ask = (more: object = {}) =>
  harness.client.responses.create({
    model: MODEL,
    instructions: systemPrompt('en'),
    input: ENGLISH_CALL[0] ?? '',
    ...more,
  }) as Promise<OpenAI.Responses.Response>;

/** The English call up to the read-back, then `last`. */
function confirmed(last: string): Item[] {
  const { replies } = talk('en', ENGLISH_CALL);
  const lines = ENGLISH_CALL.flatMap((content, index): Item[] => [
    { role: 'user', content: [{ type: 'input_text', text: content }] },
    { role: 'assistant', content: replies[index] ?? '' },
  ]);
  return [...lines, { role: 'user', content: last }];
}

async function eventsOf(more: object = {}): Promise<OpenAI.Responses.ResponseStreamEvent[]> {
  const stream = await harness.client.responses.create({
    model: MODEL,
    instructions: systemPrompt('en'),
    input: ENGLISH_CALL[0] ?? '',
    stream: true,
    ...more,
  });
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

test('a whole response has the words, token counts and what the request asked for', async () => {
  const response = await ask({ metadata: { call: '7' } });
  expect(response).toMatchObject({
    object: 'response',
    id: expect.stringMatching(/^resp_/u),
    status: 'completed',
    output_text: QUESTION,
    instructions: systemPrompt('en'),
    metadata: { call: '7' },
    error: null,
    incomplete_details: null,
  });
  const { input_tokens: input, output_tokens: output, total_tokens: total } = response.usage!;
  expect(input).toBeGreaterThan(80);
  expect(output).toBeGreaterThan(5);
  expect(total).toBe(input + output);
  expect(response.usage).toMatchObject({
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  });
});

test('it answers the same words as chat completions to the same talk', async () => {
  const says = [FRENCH_CALL[0] ?? '', 'Non.'];
  for (const content of says) {
    const messages = [
      { role: 'system', content: systemPrompt('fr') },
      { role: 'user', content },
    ] as const;
    const chat = await harness.client.chat.completions.create({ model: MODEL, messages: [...messages] });
    const response = await harness.client.responses.create({ model: MODEL, input: [...messages] });
    expect(response.output_text).toBe(chat.choices[0]?.message.content);
  }
});

test('a stream names every step in order and ends with the usage', async () => {
  const events = await eventsOf();
  const types = events.map(({ type }) => type);
  expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  const text = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
  expect(text).toBe(QUESTION);
  expect(events[0]).toMatchObject({ response: { status: 'in_progress', output: [], usage: null } });
  expect(events.at(-1)).toMatchObject({
    response: { status: 'completed', usage: { total_tokens: expect.any(Number) } },
  });
});

test("the package's stream helper puts the response together", async () => {
  const stream = harness.client.responses.stream({ model: MODEL, input: 'Hello', instructions: systemPrompt('en') });
  let text = '';
  stream.on('response.output_text.delta', ({ delta }) => {
    text += delta;
  });
  const final = await stream.finalResponse();
  expect(final.output_text).toBe(text);
  expect(text).not.toBe('');
});

const FORM = z.object({
  name: z.string().nullable(),
  wanted: z.object({ dateTime: z.string().nullable(), words: z.string().nullable() }).nullable(),
});

test('Structured Outputs are parsed by the package, whole and by the stream helper', async () => {
  const request = {
    model: MODEL,
    input: ENGLISH_CALL[0] ?? '',
    instructions: systemPrompt('en'),
    text: { format: zodTextFormat(FORM, 'form') },
  };
  const expected = { name: 'John Smith', wanted: { words: 'next Tuesday at ten' } };
  expect((await harness.client.responses.parse(request)).output_parsed).toMatchObject(expected);
  const streamed = await harness.client.responses.stream(request).finalResponse();
  expect(streamed.output_parsed).toMatchObject(expected);
});

test('a confirmed read-back becomes a function call, whole and streamed', async () => {
  const request = { input: confirmed("Yes, that's right."), tools: [SAVE_RECORD] };
  const whole = await ask(request);
  expect(whole.output).toMatchObject([
    {
      type: 'function_call',
      name: 'save_record',
      arguments: '{}',
      status: 'completed',
      id: expect.stringMatching(/^fc_/u),
    },
  ]);
  const events = await eventsOf(request);
  const args = events.filter(({ type }) => type.startsWith('response.function_call_arguments'));
  expect(args).toMatchObject([{ delta: '{}' }, { arguments: '{}' }]);
  const final = await harness.client.responses
    .stream({ model: MODEL, instructions: systemPrompt('en'), ...request })
    .finalResponse();
  expect(final.output).toMatchObject([{ type: 'function_call', parsed_arguments: {} }]);
});

test('the output of a function is answered, by the items or by the id of the response before', async () => {
  const called = await ask({ input: confirmed('Yes.'), tools: [SAVE_RECORD] });
  const call = called.output[0] as OpenAI.Responses.ResponseFunctionToolCall;
  const output = { type: 'function_call_output', call_id: call.call_id, output: '{"ok":true}' } as const;
  const byItems = await ask({ input: [...confirmed('Yes.'), call, output], tools: [SAVE_RECORD] });
  const byId = await ask({ input: [output], previous_response_id: called.id });
  expect([byItems.output_text, byId.output_text]).toEqual([
    'It is noted, thank you and goodbye.',
    'It is noted, thank you and goodbye.',
  ]);
});

test('a response is kept unless store is false, and can be deleted', async () => {
  const kept = await ask();
  expect(await harness.client.responses.retrieve(kept.id)).toMatchObject({ id: kept.id, output_text: QUESTION });
  await harness.client.responses.delete(kept.id);
  const forgotten = await ask({ store: false });
  for (const id of [kept.id, forgotten.id]) {
    const refusals = [harness.client.responses.retrieve(id), ask({ previous_response_id: id })];
    for (const refusal of refusals) await expect(refusal).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  }
});

test('a long prompt seen before is counted as cached', async () => {
  const input = `${'The caller waits for an answer about the boiler in the kitchen. '.repeat(120)}Hello`;
  await ask({ input });
  const cached = (await ask({ input })).usage?.input_tokens_details.cached_tokens ?? 0;
  expect(cached).toBeGreaterThanOrEqual(1_024);
  expect(cached % 128).toBe(0);
});

test('thinking that is asked for stands in the usage and in the output', async () => {
  const response = await ask({ reasoning: { effort: 'medium' } });
  expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
  const { output_tokens: output, output_tokens_details: details } = response.usage!;
  expect(details.reasoning_tokens).toBeGreaterThan(0);
  expect(output).toBeGreaterThan(details.reasoning_tokens);
});

test('max_output_tokens cuts the words and says so', async () => {
  const input = confirmed('What did you note?');
  const response = await ask({ input, max_output_tokens: 16 });
  expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  expect((await eventsOf({ input, max_output_tokens: 16 })).at(-1)?.type).toBe('response.incomplete');
});

test('faults meet responses, and extractions alone where asked', async () => {
  await harness.control({ route: 'responses', fault: '429', next: 1, retryAfterMs: 20 });
  await expect(ask()).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  await harness.control({ route: 'responses', fault: '500', next: 1, match: 'extraction' });
  expect((await ask()).status).toBe('completed');
  const text = { format: zodTextFormat(FORM, 'form') };
  await expect(ask({ text })).rejects.toBeInstanceOf(OpenAI.InternalServerError);
  await harness.control({ route: 'responses', fault: 'cut-stream', next: 1 });
  await expect(eventsOf()).rejects.toThrow('terminated');
});

const open = { type: 'object', properties: {} };
test.each([
  ['nothing to answer', { input: undefined }, 'One of "input"', 'input'],
  ['an input of another type', { input: 7 }, "Invalid type for 'input'", 'input'],
  ['an item without a role', { input: [{ content: 'x' }] }, "'input[0].role'", 'input[0].role'],
  ['an unknown item', { input: [{ type: 'smell' }] }, "Invalid value: 'smell'", 'input[0].type'],
  [
    'an output of no call',
    { input: [{ type: 'function_call_output', call_id: 'c', output: '' }] },
    'call_id c',
    'input',
  ],
  [
    'a call without its output',
    {
      input: [
        { role: 'user', content: 'x' },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      ],
    },
    'No tool output found for function call c.',
    'input',
  ],
  [
    'JSON that no message speaks of',
    { instructions: undefined, input: 'Hello', text: { format: { type: 'json_object' } } },
    "must contain the word 'json'",
    'input',
  ],
  ['a misspelt parameter', { max_tokens: 5 }, "Unknown parameter: 'max_tokens'.", 'max_tokens'],
  [
    'an effort by the name of an object method',
    { reasoning: { effort: 'toString' } },
    "'toString'",
    'reasoning.effort',
  ],
  ['a hosted tool', { tools: [{ type: 'web_search' }] }, "type 'function' only", 'tools[0].type'],
  ['an unknown format', { text: { format: { type: 'yaml' } } }, "Invalid value: 'yaml'", 'text.format.type'],
  [
    'an open strict schema',
    { text: { format: { type: 'json_schema', name: 'form', strict: true, schema: open } } },
    "'additionalProperties' is required",
    'text.format.schema',
  ],
  ['an unknown effort', { reasoning: { effort: 'huge' } }, "Invalid value: 'huge'", 'reasoning.effort'],
])('%s is refused with 400', async (_name, more, message, param) => {
  const refusal = await ask(more).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(OpenAI.BadRequestError);
  expect(refusal).toMatchObject({ param, message: expect.stringContaining(message) });
});

test('every answer of the API carries request id, processing time and rate limits', async () => {
  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${harness.standin.url}/v1${path}`, { headers: { authorization: 'Bearer x' }, ...init });
  const body = JSON.stringify({ model: MODEL, input: 'Hello' });
  const headers = { authorization: 'Bearer x', 'content-type': 'application/json' };
  const answers = [
    await get('/models'),
    await get('/models/gpt-0'),
    await get('/models', { headers: {} }),
    await get('/responses', { method: 'POST', headers, body }),
    await get('/responses', { method: 'POST', headers, body: '{' }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 401, 200, 400]);
  for (const answer of answers) {
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/u);
    expect(answer.headers.get('openai-processing-ms')).toMatch(/^\d+$/u);
    for (const kind of ['requests', 'tokens']) {
      const limit = Number(answer.headers.get(`x-ratelimit-limit-${kind}`));
      expect(limit).toBeGreaterThan(0);
      expect(Number(answer.headers.get(`x-ratelimit-remaining-${kind}`))).toBeLessThanOrEqual(limit);
      expect(answer.headers.get(`x-ratelimit-reset-${kind}`)).toMatch(/^[\d.]+m?s/u);
    }
  }
});
