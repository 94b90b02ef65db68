const text = { type: 'string' };
const nullableText = { type: ['string', 'null'] };
const nullableNumber = { type: ['number', 'null'] };
const attributes = { type: 'object', additionalProperties: true };
const list = (items: object) => ({ type: 'array', items });
const object = (properties: Record<string, object>) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object, description: string) => ({ description, content: { 'application/json': { schema } } });
const parameter = (name: string, place: 'query' | 'path', schema: object, description: string) => ({
  name,
  in: place,
  required: place === 'path',
  schema,
  description,
});

const summary = {
  callSid: text,
  traceId: text,
  streamSid: nullableText,
  state: { type: 'string', enum: ['live', 'ended', 'lost'] },
  outcome: nullableText,
  endReason: nullableText,
  language: nullableText,
  direction: nullableText,
  callerHash: nullableText,
  startedAtMs: { type: 'number', description: 'Epoch milliseconds.' },
  durationMs: nullableNumber,
  turns: { type: 'integer' },
  worstStage: { anyOf: [ref('StageTime'), { type: 'null' }] },
  waits: list(ref('WaitTime')),
  cost: { anyOf: [ref('CallCost'), { type: 'null' }] },
  errors: { type: 'integer' },
  services: list(text),
};

const span = {
  traceId: text,
  spanId: text,
  parentSpanId: nullableText,
  name: text,
  kind: { type: 'string', enum: ['internal', 'server', 'client', 'producer', 'consumer'] },
  service: text,
  scope: nullableText,
  startMs: { type: 'number' },
  durationMs: nullableNumber,
  status: { type: 'string', enum: ['unset', 'ok', 'error'] },
  statusMessage: nullableText,
  attributes,
  events: list(object({ name: text, timeMs: { type: 'number' }, attributes })),
};

const turn = {
  index: { type: 'integer' },
  startedAtMs: { type: 'number' },
  durationMs: nullableNumber,
  endReason: nullableText,
  transcribed: nullableText,
  replied: nullableText,
};

const line = {
  timeMs: { type: 'number' },
  severity: text,
  body: text,
  eventName: nullableText,
  service: text,
  scope: nullableText,
  spanId: nullableText,
  attributes,
};

const schemas = {
  StageTime: object({
    stage: text,
    durationMs: { type: 'number' },
    turnIndex: { type: ['integer', 'null'] },
    spanId: text,
  }),
  WaitTime: object({
    turnIndex: { type: 'integer' },
    durationMs: nullableNumber,
    source: nullableText,
    level: nullableText,
    segment: nullableText,
    unmeasured: nullableText,
  }),
  CallCost: object({
    usd: { type: 'number' },
    isKnown: { type: 'boolean', description: 'False: a lower bound.' },
  }),
  CallSummary: object(summary),
  SpanView: object(span),
  TurnSummary: object(turn),
  LogLine: object(line),
  CallDetail: object({
    ...summary,
    turnList: list(ref('TurnSummary')),
    pending: list(ref('SpanView')),
    logs: list(ref('LogLine')),
  }),
  Receiver: object({ port: { type: 'integer' } }),
  CallPage: object({ calls: list(ref('CallSummary')), nextBefore: nullableNumber }),
  ApiError: object({ error: object({ code: text, message: text }) }),
};

/** Description of `/api/v1` (OpenAPI 3.1). The Tempo subset is described by Tempo's own documentation. */
export function generateOpenApi(maxLimit: number): object {
  const error = (description: string) => json(ref('ApiError'), description);
  const limit = { type: 'integer', minimum: 1, maximum: maxLimit, default: 50 };
  return {
    openapi: '3.1.0',
    info: { title: 'Callspan viewer', version: '1', description: 'Calls, as they happen and afterwards.' },
    paths: {
      '/api/v1/calls': {
        get: {
          summary: 'Calls, newest first',
          parameters: [
            parameter('limit', 'query', limit, 'How many at most.'),
            parameter('before', 'query', { type: 'number' }, 'nextBefore of the page before.'),
            parameter('callSid', 'query', text, 'Only this call.'),
            parameter('traceId', 'query', text, 'Only the calls of these traces, with commas between; at most 100.'),
          ],
          responses: { 200: json(ref('CallPage'), 'A page of calls.'), 400: error('A parameter is wrong.') },
        },
      },
      '/api/v1/calls/{callSid}': {
        get: {
          summary: 'One call with its turns, open spans and log lines',
          parameters: [parameter('callSid', 'path', text, "Twilio's id of the call.")],
          responses: { 200: json(ref('CallDetail'), 'The call.'), 404: error('No such call.') },
        },
      },
      '/api/v1/receiver': {
        get: {
          summary: 'Where telemetry is sent to: the port of the OTLP receiver (HTTP)',
          responses: { 200: json(ref('Receiver'), 'The port.') },
        },
      },
      '/api/v1/live': {
        get: {
          summary: 'Server-sent events call, trace, log and resync; Last-Event-ID resumes',
          responses: { 200: { description: 'A stream.', content: { 'text/event-stream': { schema: text } } } },
        },
      },
    },
    components: { schemas },
  };
}
