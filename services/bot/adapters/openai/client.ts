import OpenAI from 'openai';

/** Where and how a model is reached. `timeoutMs` bounds one attempt until its headers. */
export type ModelEndpoint = {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly timeoutMs: number;
};

/** One retry: a caller waits, and the budget of the stage ends it anyway. */
const MAX_RETRIES = 1;

/** A client whose requests go through `fetch`, the seam at which model calls are traced. */
export function createOpenAiClient(endpoint: ModelEndpoint, fetchThrough: typeof fetch): OpenAI {
  return new OpenAI({
    baseURL: endpoint.baseUrl,
    apiKey: endpoint.apiKey,
    timeout: endpoint.timeoutMs,
    maxRetries: MAX_RETRIES,
    fetch: fetchThrough,
    logLevel: 'off',
  });
}
