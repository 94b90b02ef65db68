import { ApiError } from '../api-error.ts';
import { splitTokens } from '../chat/tokens.ts';
import { detectLanguage } from '../dialogue/language.ts';
import { createRateLimitError } from '../rate-limit.ts';
import { type SessionContext, waitUntil } from './context.ts';

/** A committed turn: what the stand-in heard in it. */
export type Turn = { readonly itemId: string; readonly text: string; readonly audioMs: number };

/** The share of the first words' latency that the rest of a transcript takes. */
const REST = 0.3;
/** Audio tokens a second of input, as the vendor counts them. */
const AUDIO_TOKENS_PER_SECOND = 10;

const FAILURE = new ApiError(500, {
  message: 'Input transcription failed for the item.',
  type: 'server_error',
  param: null,
  code: 'transcription_failed',
});

function describeCompleted(model: string, { text, audioMs }: Turn) {
  if (/^gpt-4o/u.test(model)) {
    const audio = Math.ceil((audioMs * AUDIO_TOKENS_PER_SECOND) / 1_000);
    const output = splitTokens(text).length;
    const details = { audio_tokens: audio, text_tokens: 0 };
    const usage = { type: 'tokens', input_tokens: audio, output_tokens: output, total_tokens: audio + output };
    return { transcript: text, usage: { ...usage, input_token_details: details }, logprobs: null };
  }
  const usage = { type: 'duration', seconds: Math.ceil(audioMs / 1_000) };
  if (model !== 'gpt-transcribe' && model !== 'gpt-live-transcribe') return { transcript: text, usage };
  const code = detectLanguage(text);
  return { transcript: text, usage, languages: code === null ? [] : [{ code }] };
}

/** Tells the client a turn's words when they are due, or what a fault makes of them. Rejects when the session ends. */
export async function transcribe(context: SessionContext, turn: Turn, causeId: string | null): Promise<void> {
  const model = context.config().transcription?.model;
  if (model === undefined) return;
  const { standin, signal, emit } = context;
  const startedAt = standin.clock.now();
  const names = ['slow', 'close', 'transcription_failed', 'hang', 'rate_limit'] as const;
  const fault = standin.faults.take('realtime', 'transcription', names);
  if (fault?.fault === 'hang') return;
  if (fault?.fault === 'rate_limit') return context.emitError(createRateLimitError(fault.retryAfterMs), causeId);
  const firstMs = standin.latencies.next('realtimeTranscript') + (fault?.fault === 'slow' ? fault.latencyMs : 0);
  await waitUntil(standin, startedAt, firstMs, signal);
  const place = { item_id: turn.itemId, content_index: 0 };
  const kind = 'conversation.item.input_audio_transcription';
  if (fault?.fault === 'transcription_failed') return emit(`${kind}.failed`, { ...place, error: FAILURE.body });
  const words = splitTokens(turn.text);
  for (const [index, delta] of words.entries()) {
    await waitUntil(standin, startedAt, firstMs * (1 + (REST * index) / words.length), signal);
    emit(`${kind}.delta`, { ...place, delta });
    if (fault?.fault === 'close' && index >= words.length / 2 - 1) return context.breakOff(fault);
  }
  if (fault?.fault === 'close') return context.breakOff(fault);
  await waitUntil(standin, startedAt, firstMs * (1 + REST), signal);
  context.conversation.setTranscript(turn.itemId, turn.text);
  emit(`${kind}.completed`, { ...place, ...describeCompleted(model, turn) });
}
