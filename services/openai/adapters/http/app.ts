import express, { type Express, type NextFunction, type Request, type Response, Router } from 'express';
import { ApiError, createBadRequest, createModelNotFound } from '../../domain/api-error.ts';
import { applyControl, readControl } from '../../domain/control.ts';
import { MODELS, type ModelEntry } from '../../domain/models.ts';
import { createToken } from '../../domain/random.ts';
import type { Standin } from '../../domain/standin.ts';
import { serveChat } from './chat.ts';
import { answerError } from './errors.ts';
import { createKeyCheck } from './key-check.ts';
import { localOnly } from './local-only.ts';
import { serveResponse } from './responses.ts';
import { serveSpeech } from './speech.ts';
import { serveTranscription } from './transcriptions.ts';

/** The vendor's limit for a whole request with a file, bytes. */
const UPLOAD_LIMIT = 26_214_400;
const JSON_LIMIT = '4mb';
/** 2026-01-01: when the models of the list are said to have been made. */
const MODEL_CREATED_AT = 1_767_225_600;

function checkKey(request: Request, _response: Response, next: NextFunction): void {
  const key = /^Bearer +(\S+)$/u.exec(request.headers.authorization ?? '')?.[1];
  if (!key)
    throw new ApiError(401, {
      message:
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). Any key is good for this stand-in.",
      type: 'invalid_request_error',
      param: null,
      code: null,
    });
  next();
}

function refuseUnknown(request: Request): never {
  throw new ApiError(404, {
    message: `Invalid URL (${request.method} ${request.originalUrl.split('?')[0]})`,
    type: 'invalid_request_error',
    param: null,
    code: null,
  });
}

function refuseMethod(request: Request): never {
  throw new ApiError(405, {
    message: `Not allowed to ${request.method} on ${request.originalUrl.split('?')[0]}. (HINT: Perhaps you meant to use a different HTTP method?)`,
    type: 'invalid_request_error',
    param: null,
    code: 'method_not_supported',
  });
}

function describeModel({ id, shutdownDate }: ModelEntry) {
  return { id, object: 'model', created: MODEL_CREATED_AT, owned_by: 'system', shutdown_date: shutdownDate };
}

const PATHS = [
  '/audio/transcriptions',
  '/audio/speech',
  '/chat/completions',
  '/responses',
  '/responses/:id',
  '/models',
  '/models/:id',
] as const;

function createApi(standin: Standin): Router {
  const api = Router();
  api.use(checkKey);
  const upload = express.raw({ type: 'multipart/form-data', limit: UPLOAD_LIMIT });
  const json = express.json({ limit: JSON_LIMIT });
  api
    .route('/audio/transcriptions')
    .post(upload, (request, response) => serveTranscription(standin, request, response));
  api.route('/audio/speech').post(json, (request, response) => serveSpeech(standin, request, response));
  api.route('/chat/completions').post(json, (request, response) => serveChat(standin, request, response));
  api.route('/responses').post(json, (request, response) => serveResponse(standin, request, response));
  api
    .route('/responses/:id')
    .get((request, response) => {
      response.json(standin.responses.find(request.params.id).response);
    })
    .delete((request, response) => {
      standin.responses.delete(request.params.id);
      response.json({ id: request.params.id, object: 'response', deleted: true });
    });
  api.route('/models').get((_request, response) => {
    response.json({ object: 'list', data: MODELS.map(describeModel) });
  });
  api.route('/models/:id').get((request, response) => {
    const found = MODELS.find(({ id }) => id === request.params.id);
    if (!found) throw createModelNotFound(String(request.params.id));
    response.json(describeModel(found));
  });
  api.all([...PATHS], refuseMethod);
  return api;
}

/** The whole HTTP face: the vendor's API under `/v1`, `/control` for faults and profiles, `/healthz`. */
export function createStandinApp(standin: Standin): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set('x-request-id', `req_${createToken(standin.random, 32).toLowerCase()}`);
    response.set('openai-version', '2020-10-01');
    next();
  });
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.use(standin.apiKey === undefined ? localOnly : createKeyCheck(standin.apiKey));
  const { faults, latencies } = standin;
  app.get('/control', (_request, response) => {
    response.json(readControl(faults, latencies));
  });
  app.post('/control', express.json(), (request, response) => {
    // Only JSON reaches the switches: a web page cannot send it here without asking first.
    if (request.body === undefined) throw createBadRequest('body: must be JSON, with content-type application/json');
    response.json(applyControl(request.body, faults, latencies));
  });
  app.use('/v1', (_request, response, next) => {
    // What an answer that takes time or counts tokens knows better, it says itself.
    response.set({ 'openai-processing-ms': '1', ...standin.rateLimits.read() });
    next();
  });
  app.use('/v1', createApi(standin));
  app.use(refuseUnknown);
  app.use(answerError);
  return app;
}
