import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { findStatus, ViewerError } from '../../domain/errors.ts';
import type { TelemetryStore, TraceSearch } from '../../domain/ports.ts';
import type { TraceQuery } from '../../domain/trace-query.ts';
import { checkAddress, toHttpError } from './bad-address.ts';
import { toSearchAnswer } from './tempo-search.ts';
import { toResourceSpans } from './tempo-trace.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;
const DEFAULT_SPANS = 3;
const MAX_SPANS = 1000;

/** What the Tempo routes need. `parseQuery` throws ViewerError for what is no TraceQL, or is not answered here. */
export type TempoOptions = {
  readonly store: Pick<TelemetryStore, 'findTrace' | 'searchTraces' | 'checkReady'>;
  readonly parseQuery: (text: string) => TraceQuery;
  readonly onError: (error: unknown) => void;
};

/** A subset of Tempo's HTTP API (https://grafana.com/docs/tempo/latest/api_docs/); errors are plain text, as Tempo's are. */
export function createTempoRoutes(options: TempoOptions): Router {
  const router = Router();
  const { store } = options;
  router.use((request, _response, next) => {
    checkAddress(request);
    next();
  });
  router.get('/api/echo', (_request, response) => sendText(response, 200, 'echo\n'));
  router.get('/ready', (_request, response) => {
    store.checkReady();
    sendText(response, 200, 'ready\n');
  });
  router.get('/api/status/buildinfo', (_request, response) => {
    response.json({ version: '', revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' });
  });
  router.get(['/api/traces/:id', '/api/v2/traces/:id'], refuseProtobuf);
  router.get('/api/traces/:id', (request, response) => {
    const { spans } = store.findTrace(parseTraceId(request.params.id));
    if (spans.length === 0) return void response.status(404).end();
    response.json({ batches: toResourceSpans(spans) });
  });
  router.get('/api/v2/traces/:id', (request, response) => {
    const { spans, isComplete } = store.findTrace(parseTraceId(request.params.id));
    const trace = spans.length === 0 ? {} : { resourceSpans: toResourceSpans(spans) };
    const status = isComplete ? {} : { status: 'PARTIAL', message: 'the call is still going on' };
    response.json({ trace, metrics: {}, ...status });
  });
  router.get('/api/search', (request, response) => {
    response.json(toSearchAnswer(store.searchTraces(parseSearch(request, options.parseQuery))));
  });
  router.use((request) => {
    throw new ViewerError('unsupported', `${request.path} is not answered here: see /api/v1/openapi.json for what is`);
  });
  router.use(createTextErrors(options.onError));
  return router;
}

const refuseProtobuf: RequestHandler = (request, _response, next) => {
  // Someone who takes anything is given JSON; Grafana asks for protobuf and nothing else.
  if (request.accepts(['json', 'application/protobuf']) === 'json') return next();
  next(new ViewerError('not_acceptable', 'traces are given as application/json only'));
};

function parseTraceId(id: string): string {
  const wrong = /[^0-9a-f]/i.exec(id);
  if (wrong) {
    const where = `invalid character '${wrong[0]}' at position ${wrong.index + 1}`;
    throw new ViewerError('bad_request', `trace IDs can only contain hex characters: ${where}`);
  }
  if (id.length > 32) throw new ViewerError('bad_request', "trace IDs can't be larger than 128 bits");
  return id.toLowerCase().padStart(32, '0');
}

function parseSearch(request: Request, parseQuery: TempoOptions['parseQuery']): TraceSearch {
  const query = request.query as Record<string, unknown>;
  for (const name of ['tags', 'minDuration', 'maxDuration']) {
    if (query[name] !== undefined)
      throw new ViewerError('unsupported', `the parameter ${name} is not supported: use q`);
  }
  const startS = parseCount('start', query.start);
  const endS = parseCount('end', query.end);
  if ((startS === undefined) !== (endS === undefined)) {
    throw new ViewerError('bad_request', 'start and end must be given together');
  }
  if (startS !== undefined && endS !== undefined && startS >= endS) {
    throw new ViewerError(
      'bad_request',
      `http parameter start must be before end. received start=${startS} end=${endS}`,
    );
  }
  return {
    query: parseQuery(typeof query.q === 'string' ? query.q : ''),
    limit: within('limit', parseCount('limit', query.limit) || DEFAULT_LIMIT, MAX_LIMIT),
    spansPerTrace: within('spss', parseCount('spss', query.spss) || DEFAULT_SPANS, MAX_SPANS),
    startS,
    endS,
  };
}

function parseCount(name: string, value: unknown): number | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string' && /^\d{1,10}$/.test(value)) return Number(value);
  throw new ViewerError('bad_request', `invalid ${name}: ${String(value)} is not a whole number`);
}

function within(name: string, value: number, max: number): number {
  if (value <= max) return value;
  throw new ViewerError('bad_request', `invalid ${name}: ${value} is more than ${max}`);
}

/** Answers errors as plain text. */
function createTextErrors(onError: (error: unknown) => void): ErrorRequestHandler {
  return (cause: unknown, _request, response, next) => {
    if (response.headersSent) return next(cause);
    const error = toHttpError(cause);
    if (error.code === 'internal') onError(cause);
    sendText(response, findStatus(error.code), error.message);
  };
}

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(text);
}
