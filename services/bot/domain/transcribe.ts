import { LIVE_TRANSCRIPTION_BUDGET_MS, TRANSCRIPTION_BUDGET_MS, withDeadline } from './deadline.ts';
import type { ConversationDeps } from './deps.ts';
import type { LiveTranscript } from './live-ear.ts';
import type { CallListener, Language, TurnRef } from './ports.ts';

/** An utterance to be understood. */
export type Heard = {
  readonly deps: ConversationDeps;
  readonly listener: CallListener;
  readonly turn: TurnRef;
  readonly language: Language;
  /** PCM16, 8 kHz. */
  readonly samples: Int16Array;
  /** Its transcript, when it was streamed. */
  readonly live: LiveTranscript | undefined;
};

/**
 * What the caller said: by the stream, or when that fails by file; undefined when both failed. Neither a barge-in nor a hang-up
 * stops it: what was said must not be lost.
 */
export async function transcribe(heard: Heard): Promise<string | undefined> {
  const { deps, listener, turn, language, samples, live } = heard;
  const { clock } = deps;
  const attempt = async (budgetMs: number, work: (signal: AbortSignal) => Promise<string>) => {
    try {
      return await withDeadline(work, { clock, budgetMs, signal: new AbortController().signal });
    } catch (error) {
      listener.providerFailed(turn.turnIndex, 'transcription', error);
      return undefined;
    }
  };
  if (live) {
    const text = await attempt(LIVE_TRANSCRIPTION_BUDGET_MS, (signal) => {
      signal.addEventListener('abort', () => live.cancel(signal.reason), { once: true });
      return live.text;
    });
    if (text !== undefined) return text;
  }
  return attempt(TRANSCRIPTION_BUDGET_MS, (signal) => deps.transcriber.transcribe({ turn, samples, language, signal }));
}
