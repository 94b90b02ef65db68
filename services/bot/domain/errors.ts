/** Why a provider did not deliver; the closed kinds of `error.type`. */
export type ProviderErrorCode =
  | 'timeout'
  | 'rate_limit'
  | 'api'
  | 'websocket'
  | 'parsing'
  | 'model'
  | 'validation'
  | 'cancelled';

/** A provider (speech to text, model, text to speech, records) failed. The vendor's own error is the cause. */
export class ProviderError extends Error {
  readonly code: ProviderErrorCode;

  constructor(code: ProviderErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ProviderError';
    this.code = code;
  }
}

/** True when work stopped because somebody wanted it to stop: a barge-in, a hang-up, a shutdown. */
export function isCancelled(error: unknown): boolean {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return code === 'cancelled' || name === 'AbortError';
}
