import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

/** Paths that only model APIs have, on whatever host. */
const MODEL_PATHS = /\/(chat\/completions|audio\/transcriptions|audio\/speech)$/;
/** Other APIs have responses too: this path counts under a version, or on a host of OpenAI's API. */
const RESPONSES_PATH = /\/responses$/;
const RESPONSES_UNDER = /\/(v\d+|openai)\//;
const OPENAI_HOSTS = /(^|\.)(openai\.com|openai\.azure\.com)$/;

/** Whether a request goes to a model, as far as its address tells. False for what the kit itself sends. */
export function asksModel(input: unknown): boolean {
  const url = urlOf(input);
  if (!url || !/^https?:$/.test(url.protocol) || isTracingSuppressed(context.active())) return false;
  if (MODEL_PATHS.test(url.pathname)) return true;
  return RESPONSES_PATH.test(url.pathname) && (OPENAI_HOSTS.test(url.hostname) || RESPONSES_UNDER.test(url.pathname));
}

/** Whether a socket is one of a Realtime API. */
export function isRealtimeUrl(text: string | undefined): boolean {
  return /\/realtime$/.test(urlOf(text)?.pathname ?? '');
}

/** Whether a Realtime socket only transcribes. */
export function isTranscriptionUrl(text: string | undefined): boolean {
  return urlOf(text)?.searchParams.get('intent') === 'transcription';
}

function urlOf(input: unknown): URL | undefined {
  const text = typeof input === 'object' && input !== null && 'url' in input ? input.url : input;
  if (text instanceof URL) return text;
  return typeof text === 'string' ? (URL.parse(text) ?? undefined) : undefined;
}
