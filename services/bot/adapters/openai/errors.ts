import OpenAI from 'openai';
import { ProviderError } from '../../domain/errors.ts';

/**
 * Maps what the openai package throws to the closed kinds. The messages are ours: the package's quote what the server
 * said, and a server quotes what it was sent.
 */
export function toProviderError(error: unknown, signal: AbortSignal): ProviderError {
  if (error instanceof ProviderError) return error;
  // Who stopped the request knows why: a deadline, a barge-in, a hang-up.
  if (signal.aborted && signal.reason instanceof ProviderError) return signal.reason;
  if (signal.aborted || error instanceof OpenAI.APIUserAbortError)
    return new ProviderError('cancelled', 'stopped', error);
  if (error instanceof OpenAI.APIConnectionTimeoutError)
    return new ProviderError('timeout', 'no answer in time', error);
  if (error instanceof OpenAI.RateLimitError) return new ProviderError('rate_limit', 'too many requests', error);
  if (error instanceof SyntaxError) return new ProviderError('parsing', 'the answer is not JSON', error);
  const status = error instanceof OpenAI.APIError && error.status ? `HTTP ${error.status}` : 'the connection failed';
  return new ProviderError('api', status, error);
}
