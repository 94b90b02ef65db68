import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { ViewerError } from '../../domain/errors.ts';

/** Everything from here, nothing inline, in nobody's frame. */
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
const YEAR_S = 31_536_000;

/** Headers of every answer, whoever asks. */
export const secureHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  });
  next();
};

/** The built page: its files as they are, and `index.html` for every other path, so that `/calls/CA…` can be opened. */
export function createPageRoutes(folder: string): Router {
  const router = Router();
  // Assets carry a hash of their content in their name; whatever has none is asked for again each time.
  router.use(
    '/assets',
    express.static(join(folder, 'assets'), { immutable: true, maxAge: YEAR_S * 1000, index: false }),
  );
  router.use('/assets', (request, _response, next) => {
    next(new ViewerError('not_found', `there is no ${request.path}`));
  });
  router.use(express.static(folder, { index: false, maxAge: 0 }));
  router.get('/{*path}', (request, response, next) => {
    if (request.accepts('html') !== 'html') return next();
    if (!existsSync(join(folder, 'index.html'))) {
      return next(new ViewerError('not_found', 'the page has not been built: npm start builds it'));
    }
    // With a root only what lies below it is looked at: a checkout below a folder with a dot is none of a visitor's asking.
    response.set('cache-control', 'no-cache').sendFile('index.html', { root: folder });
  });
  return router;
}
