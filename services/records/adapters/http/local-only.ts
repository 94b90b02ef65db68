import type { RequestHandler } from 'express';
import { RecordsError } from '../../domain/errors.ts';

/** Lets in who asks for this machine by its own name: a web page whose name was pointed at 127.0.0.1 is refused with `forbidden_host`. */
export const localOnly: RequestHandler = (request, _response, next) => {
  if (isLoopback(request.headers.host ?? '')) return next();
  next(new RecordsError('forbidden_host', 'This service answers requests to localhost only'));
};

/** Whether a Host header means this machine. */
function isLoopback(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? '';
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}
