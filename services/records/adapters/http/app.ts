import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { RecordsError } from '../../domain/errors.ts';
import { parseIdempotencyKey } from '../../domain/idempotency-key.ts';
import type { RecordStore } from '../../domain/ports.ts';
import { newRecordSchema } from '../../domain/record.ts';
import type { createSaveRecord } from '../../domain/save-record.ts';
import { sendError, toRecordsError } from './error-response.ts';
import { localOnly } from './local-only.ts';
import { generateOpenApi } from './openapi.ts';
import { createFingerprint, parseNewRecord, requireJson } from './read-body.ts';
import { createRequestLog, type ErrorNote, noteCall, type RunForCall, type ServedRequest } from './request-log.ts';
import { createTokenCheck } from './token-check.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_LISTED = 100;

/** What the HTTP edge needs from the rest. */
export type RecordsAppOptions = {
  readonly store: RecordStore;
  readonly saveRecord: ReturnType<typeof createSaveRecord>;
  readonly onServed: (served: ServedRequest) => void;
  readonly runForCall: RunForCall;
  /** Probes: served, not logged. */
  readonly quietPaths: readonly string[];
  /** Bearer token that `/records` asks for; undefined on loopback: then the Host must be loopback. */
  readonly token: string | undefined;
};

/** The HTTP API: `POST /records`, `GET /records?callSid=`, `GET /records/{id}`, `/healthz`, `/readyz`, `/openapi.json`. */
export function createRecordsApp(options: RecordsAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(createRequestLog(options.onServed, options.quietPaths));
  app.use(noStore);
  addProbes(app, options.store);
  app.use('/records', options.token === undefined ? localOnly : createTokenCheck(options.token));
  addRecords(app, options);
  app.use((_request, _response, next) => next(new RecordsError('unknown_route', 'There is nothing at this address')));
  app.use(answerError);
  return app;
}

// Records are what people said: no cache may keep them.
const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

function addProbes(app: Express, store: RecordStore): void {
  const description = generateOpenApi();
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_request, response) => {
    await store.checkReady();
    response.json({ status: 'ok' });
  });
  app.get('/openapi.json', (_request, response) => void response.json(description));
}

function addRecords(app: Express, { store, saveRecord, runForCall }: RecordsAppOptions): void {
  const noteGiven = (response: Response, given: unknown) => {
    const callSid = newRecordSchema.shape.callSid.safeParse(given);
    if (callSid.success) noteCall(response, callSid.data, runForCall);
    return callSid;
  };
  const readJson = express.json({ limit: MAX_BODY_BYTES });
  const checkKey: RequestHandler = (request, response, next) => {
    response.locals.idempotencyKey = parseIdempotencyKey(request.get('Idempotency-Key'));
    next();
  };
  app.post('/records', requireJson, checkKey, readJson, async (request, response) => {
    // A record that is refused belongs to its call, too.
    noteGiven(response, request.body?.callSid);
    const input = parseNewRecord(request.body);
    const idempotencyKey: string = response.locals.idempotencyKey;
    const saved = await saveRecord({ input, idempotencyKey, fingerprint: createFingerprint(input) });
    response.location(`/records/${saved.record.id}`);
    if (saved.replayed) response.set('Idempotency-Replayed', 'true');
    response.status(saved.replayed ? 200 : 201).json(saved.record);
  });
  app.get('/records', async (request, response) => {
    const callSid = noteGiven(response, request.query.callSid);
    if (!callSid.success) {
      const fields = [{ path: 'callSid', message: 'give one CallSid: CA and 32 hex digits' }];
      throw new RecordsError('validation', 'Not valid: callSid', { fields });
    }
    response.json({ records: await store.listRecords(callSid.data, MAX_LISTED) });
  });
  app.get('/records/:id', async (request, response) => {
    const id = z.uuid().safeParse(request.params.id);
    const record = id.success ? await store.findRecord(id.data.toLowerCase()) : undefined;
    if (!record) throw new RecordsError('not_found', 'There is no such record');
    noteGiven(response, record.callSid);
    response.json(record);
  });
}

// Express knows error handlers by their four parameters.
const answerError: ErrorRequestHandler = (thrown, _request, response, _next) => {
  const error = toRecordsError(thrown);
  const isOurs = error.code === 'internal' || error.code === 'unavailable';
  const note: ErrorNote = { errorCode: error.code, ...(isOurs && { cause: error.cause ?? error }) };
  response.locals.error = note;
  if (response.headersSent) response.destroy();
  else sendError(response, error);
};
