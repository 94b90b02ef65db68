import { count, describe, ms, text } from './describe.ts';

const save = describe(
  { room: 'records', source: 'the outbox', on: 'execute_tool save_record, voice.outbox.delivery' },
  {
    saveOutcome: text('saved, duplicate, queued, dead', 'saved'),
    saveAttempts: count('attempt', 'deliveries tried', 1),
    saveAgeMs: ms('since the record was written down', 84),
  },
);

const limits = describe(
  { room: 'limits', source: 'the limits of the kit', on: 'event voice.threshold.breached, event stage.stuck' },
  {
    thresholdLevelOnSpan: text('warning, critical: the limit that was passed', 'warning', {
      on: 'the span whose limit was passed',
    }),
    thresholdId: text('the limit: the stage, with its provider when the limit is its own', 'transcription.openai'),
    thresholdLevel: text('warning, critical', 'warning'),
    thresholdLimitMs: ms('the limit', 2000),
    thresholdValueMs: ms('how long it took, or has taken by now', 2431.2),
    errorType: text(
      'parsing, api, websocket, validation, timeout, rate_limit, model, cancelled, internal; HTTP spans: the status',
      'timeout',
      { on: 'every span that failed or was cancelled', source: 'the error, never its text' },
    ),
  },
);

const exception = describe(
  { room: 'limits', source: 'the error that was thrown', on: 'event exception' },
  {
    exceptionType: text('class of the error', 'TypeError'),
    exceptionMessage: text('its message, only of errors with a code of their own: others quote people', 'HTTP 429'),
    exceptionStacktrace: text('where it was thrown: frames only', 'at parse (file:///app/parse.ts:10:3)'),
  },
);

const http = describe(
  { room: 'records', source: 'the HTTP instrumentation, and the kit’s webhooks', on: 'HTTP spans' },
  {
    httpMethod: text('method of the request', 'POST'),
    httpRoute: text('route of the request', '/records'),
    httpStatusCode: count('code', 'status of the answer', 201, { on: 'HTTP spans, model.attempt' }),
    urlPath: text('path of the request, without its query', '/records'),
    serverAddress: text('host that was asked', '127.0.0.1'),
    serverPort: count('port', 'port that was asked', 3001),
  },
);

const database = describe(
  { room: 'records', source: 'the store of the records service', on: 'database spans' },
  {
    dbSystem: text('kind of database', 'postgresql'),
    dbOperation: text('operation', 'INSERT'),
    dbCollection: text('table', 'records'),
  },
);

/** Attributes of saving, limits, HTTP and databases. */
export const RECORD_ATTRIBUTES = { ...save, ...limits, ...exception, ...http, ...database };
