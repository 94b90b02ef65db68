import { ProviderError } from '../../domain/errors.ts';

/** An error as events of the API name it. */
type ApiFailure = { readonly code?: unknown; readonly type?: unknown };

/** Maps an error of the API to the closed kinds. The words are ours: a server quotes what it was sent. */
export function toProviderError(failure: ApiFailure | null | undefined): ProviderError {
  const name = String(failure?.code || failure?.type || 'no code');
  const isLimit = /rate_limit|insufficient_quota/.test(name);
  return new ProviderError(isLimit ? 'rate_limit' : 'api', `the Realtime API says: ${plain(name)}`);
}

/** A handshake that was refused, or a connection that could not be made or broke. */
export function toSocketError(error: unknown): ProviderError {
  // As the ws package words it.
  const status = /Unexpected server response: (\d{3})/.exec(String(error))?.[1];
  if (status === '429') return new ProviderError('rate_limit', 'too many requests', error);
  if (status) return new ProviderError('api', `the handshake was refused with HTTP ${status}`, error);
  return new ProviderError('websocket', 'the socket failed', error);
}

/** Why work was stopped: who aborted the signal knows. */
export function reasonOf({ reason }: AbortSignal): ProviderError {
  return reason instanceof ProviderError ? reason : new ProviderError('cancelled', 'stopped', reason);
}

/** Codes are words; anything else a server puts there is not repeated. */
function plain(name: string): string {
  return /^[\w.-]{1,60}$/.test(name) ? name : 'an unknown error';
}
