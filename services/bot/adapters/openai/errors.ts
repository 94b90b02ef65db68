import OpenAI from 'openai';
import { ProviderError } from '../../domain/errors.ts';

/** Maps what the openai package throws to the closed kinds. */
export function toProviderError(error: unknown, signal: AbortSignal): ProviderError {
  if (error instanceof ProviderError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (signal.aborted || error instanceof OpenAI.APIUserAbortError)
    return new ProviderError('cancelled', message, error);
  if (error instanceof OpenAI.APIConnectionTimeoutError) return new ProviderError('timeout', message, error);
  if (error instanceof OpenAI.RateLimitError) return new ProviderError('rate_limit', message, error);
  if (error instanceof SyntaxError) return new ProviderError('parsing', message, error);
  return new ProviderError('api', message, error);
}
