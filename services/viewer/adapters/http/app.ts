import type { IncomingMessage } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { ApiError } from '../../api/types.ts';
import { findStatus, ViewerError } from '../../domain/errors.ts';
import type { TelemetryStore } from '../../domain/ports.ts';
import { type ApiOptions, createApiRoutes } from './api-routes.ts';
import { toHttpError } from './bad-address.ts';
import { createPageRoutes, secureHeaders } from './page-route.ts';
import { createTempoRoutes, type TempoOptions } from './tempo-routes.ts';

/** What the HTTP edge needs. `admit` throws ViewerError for a request that is not let in. */
export type ViewerAppOptions = Omit<TempoOptions, 'store'> &
  Omit<ApiOptions, 'store'> & {
    readonly store: TelemetryStore;
    readonly live: RequestHandler;
    readonly admit: (request: IncomingMessage) => void;
    /** Folder of the built page. */
    readonly pageFolder: string;
  };

/** Page, `/api/v1`, `/tempo`, `/healthz`, `/readyz`. Nothing is shared with other origins. */
export function createViewerApp(options: ViewerAppOptions): Express {
  const { store, admit, onError } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.use(secureHeaders);
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', (_request, response) => {
    store.checkReady();
    response.json({ status: 'ok' });
  });
  app.use((request, _response, next) => {
    admit(request);
    next();
  });
  app.use(['/api', '/tempo'], getOnly);
  app.get('/api/v1/live', options.live);
  app.use('/api/v1', createApiRoutes(options));
  app.use('/tempo', createTempoRoutes(options));
  app.use(['/api', '/loki', '/prometheus'], nothingHere);
  app.use(createPageRoutes(options.pageFolder));
  app.use(nothingHere);
  app.use(createJsonErrors(onError));
  return app;
}

// Answers hold what people said: no cache may keep them.
const getOnly: RequestHandler = (request, response, next) => {
  response.set('cache-control', 'no-store');
  if (request.method === 'GET' || request.method === 'HEAD') return next();
  response.set('allow', 'GET, HEAD');
  next(new ViewerError('method_not_allowed', 'this address answers GET only'));
};

const nothingHere: RequestHandler = (request, _response, next) => {
  next(new ViewerError('not_found', `there is nothing at ${request.originalUrl.split('?', 1)[0]}`));
};

function createJsonErrors(onError: (error: unknown) => void): ErrorRequestHandler {
  return (cause: unknown, _request, response, next) => {
    if (response.headersSent) return next(cause);
    const error = toHttpError(cause);
    if (error.code === 'internal') onError(cause);
    const body: ApiError = { error: { code: error.code, message: error.message } };
    response.status(findStatus(error.code)).json(body);
  };
}
