import OpenAI from 'openai';
import { type Harness, openHarness } from '../helpers/openai-standin.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.standin.close());

const MODEL = 'gpt-6-luna';
const bad = (body: unknown) => async () =>
  harness.client.post('/chat/completions', { body }).then(
    () => null,
    (error: unknown) => error,
  );
const user = [{ role: 'user', content: 'Hello' }];
const bottomless = { type: 'object', properties: { self: { $ref: '#' } } };
const DEEP = {
  model: MODEL,
  messages: user,
  response_format: { type: 'json_schema', json_schema: { name: 'form', schema: bottomless } },
};
const CALLED = {
  role: 'assistant',
  tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'save_record', arguments: '{}' } }],
};
const ANSWER = { role: 'tool', tool_call_id: 'call_1', content: '{}' };
const strict = (schema: unknown) => ({
  model: MODEL,
  messages: user,
  response_format: { type: 'json_schema', json_schema: { name: 'form', strict: true, schema } },
});

test.each([
  ['no model', { messages: user }, 'you must provide a model parameter', null],
  ['no messages', { model: MODEL }, "Missing required parameter: 'messages'.", 'messages'],
  [
    'messages of the wrong type',
    { model: MODEL, messages: 'Hello' },
    "Invalid type for 'messages': expected an array of objects, but got a string instead.",
    'messages',
  ],
  ['an empty list of messages', { model: MODEL, messages: [] }, 'empty array', 'messages'],
  [
    'a bad role',
    { model: MODEL, messages: [{ role: 'robot', content: 'x' }] },
    "Invalid value: 'robot'. Supported values are: 'system', 'assistant'",
    'messages[0].role',
  ],
  [
    'a message without content',
    { model: MODEL, messages: [{ role: 'user' }] },
    "'messages[0].content'",
    'messages[0].content',
  ],
  [
    'a tool answer to nothing',
    { model: MODEL, messages: [{ role: 'tool', tool_call_id: 'x', content: '' }] },
    "must be a response to a preceeding message with 'tool_calls'",
    'messages.[0].role',
  ],
  [
    'a tool call that nothing answers before the caller goes on',
    { model: MODEL, messages: [...user, CALLED, ...user] },
    'The following tool_call_ids did not have response messages: call_1',
    'messages.[2].role',
  ],
  [
    'a tool call that nothing answers at all',
    { model: MODEL, messages: [...user, CALLED] },
    'must be followed by tool messages responding to each',
    'messages',
  ],
  [
    'a tool answer that comes after other talk',
    {
      model: MODEL,
      messages: [...user, CALLED, ANSWER, ...user, ANSWER],
    },
    "must be a response to a preceeding message with 'tool_calls'",
    'messages.[4].role',
  ],
  [
    'a misspelt parameter',
    { model: MODEL, messages: user, max_completion_token: 5 },
    'Unrecognized request argument supplied: max_completion_token',
    null,
  ],
  [
    'an effort of a model that does not reason',
    { model: 'gpt-4o-mini', messages: user, reasoning_effort: 'none' },
    'Unrecognized request argument supplied: reasoning_effort',
    null,
  ],
  [
    'an answer of the assistant without content and calls',
    { model: MODEL, messages: [...user, { role: 'assistant', content: null }] },
    "Invalid value for 'content': expected a string, got null.",
    'messages.[1].content',
  ],
  [
    'JSON that no message speaks of',
    { model: MODEL, messages: user, response_format: { type: 'json_object' } },
    "must contain the word 'json' in some form",
    'messages',
  ],
  ['a temperature above 2', { model: MODEL, messages: user, temperature: 5 }, "'temperature'", 'temperature'],
  ['a second choice', { model: MODEL, messages: user, n: 2 }, 'one choice only', 'n'],
  ['a schema without a ground', DEEP, 'nested too deeply', null],
  [
    'a choice among no tools',
    { model: MODEL, messages: user, tool_choice: 'auto' },
    "'tool_choice' is only allowed when 'tools' are specified",
    'tool_choice',
  ],
  [
    'stream_options without stream',
    { model: MODEL, messages: user, stream_options: {} },
    "only allowed when 'stream' is enabled",
    'stream_options',
  ],
  [
    'max_tokens with a current model',
    { model: MODEL, messages: user, max_tokens: 5 },
    "Use 'max_completion_tokens' instead",
    'max_tokens',
  ],
  [
    'an unknown response format',
    { model: MODEL, messages: user, response_format: { type: 'yaml' } },
    "Invalid value: 'yaml'",
    'response_format.type',
  ],
  [
    'a strict schema that is open',
    strict({ type: 'object', properties: {} }),
    "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    'response_format',
  ],
  [
    'a strict schema with an optional property',
    strict({ type: 'object', properties: { a: { type: 'string' } }, required: [], additionalProperties: false }),
    "Missing 'a'",
    'response_format',
  ],
  ['a strict schema that is no object', strict({ type: 'string' }), `got 'type: "string"'`, 'response_format'],
])('%s is refused with 400', async (_name, body, message, param) => {
  const refusal = await bad(body)();
  expect(refusal).toBeInstanceOf(OpenAI.BadRequestError);
  expect(refusal).toMatchObject({ type: 'invalid_request_error', param, message: expect.stringContaining(message) });
});

test('an unknown model is 404, a wrong path 404, a wrong method 405, broken JSON 400, no key 401', async () => {
  const notFound = await bad({ model: 'gpt-0', messages: user })();
  expect(notFound).toBeInstanceOf(OpenAI.NotFoundError);
  expect(notFound).toMatchObject({
    code: 'model_not_found',
    message: '404 The model `gpt-0` does not exist or you do not have access to it.',
  });
  const send = (path: string, init: RequestInit) => fetch(`${harness.standin.url}${path}`, init);
  const headers = { authorization: 'Bearer x', 'content-type': 'application/json' };
  const answers = await Promise.all([
    send('/v1/embeddings', { method: 'POST', headers }),
    send('/v1/chat/completions', { method: 'DELETE', headers }),
    send('/v1/chat/completions', { method: 'POST', headers, body: '{"model":' }),
    send('/v1/models', {}),
    send('/v1/models', { headers: { authorization: 'Bearer ' } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([404, 405, 400, 401, 401]);
  for (const answer of answers) {
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/u);
    expect(await answer.json()).toEqual({
      error: {
        message: expect.any(String),
        type: 'invalid_request_error',
        param: null,
        code: answer.status === 405 ? 'method_not_supported' : null,
      },
    });
  }
});

test('an address that cannot be decoded is 400', async () => {
  const headers = { authorization: 'Bearer x' };
  const answer = await fetch(`${harness.standin.url}/v1/models/%E0%A4%A`, { headers });
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: { type: 'invalid_request_error' } }]);
});
