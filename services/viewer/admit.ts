import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ViewerError } from './domain/errors.ts';

/**
 * Who may speak to a listener. On loopback (no token) the Host header must be loopback too: a web page whose name was pointed
 * at 127.0.0.1 is refused. Off loopback the token is asked for as `Authorization: Bearer`. What a page of another site asks
 * for is refused on both; a link to the page of a call may stand anywhere.
 * @returns throws ViewerError `forbidden_host` or `unauthorized`
 */
export function createAdmission(token: string | undefined, tokenName: string): (request: IncomingMessage) => void {
  if (token === undefined) {
    return (request) => {
      refuseOtherSites(request);
      if (isLoopbackHost(request.headers.host ?? '')) return;
      throw new ViewerError('forbidden_host', 'this listener answers requests to localhost only');
    };
  }
  const digest = (value: string) => createHash('sha256').update(value).digest();
  const wanted = digest(`Bearer ${token}`);
  return (request) => {
    refuseOtherSites(request);
    const { headers } = request;
    if (timingSafeEqual(digest(headers.authorization ?? ''), wanted)) return;
    throw new ViewerError('unauthorized', `send ${tokenName} as Authorization: Bearer`);
  };
}

function refuseOtherSites({ headers, url = '' }: IncomingMessage): void {
  if (headers['sec-fetch-site'] !== 'cross-site') return;
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (isLink && !/^\/(api|tempo|v1)\b/.test(url)) return;
  throw new ViewerError('forbidden_host', 'pages of other sites are not answered');
}

/** Whether a Host header (or host name) means this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? '';
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}
