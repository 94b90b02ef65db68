import type { Language, LiveTranscriber, TranscriptionStream, TurnRef } from './ports.ts';

/** Hears the caller while they speak. */
export type LiveEar = {
  /** The caller has begun; `preroll`: what was heard just before it was noticed. */
  begin(turn: TurnRef, language: Language, preroll: readonly Int16Array[]): void;
  hear(frame: Int16Array): void;
  /** The caller has finished: their words are on the way. Undefined when nobody listens. */
  finish(): LiveTranscript | undefined;
};

/** A transcript on its way. `text` rejects with a ProviderError; `cancel` when it is not waited for any more. */
export type LiveTranscript = { readonly text: Promise<string>; cancel(reason: unknown): void };

/** @param transcriber absent: nobody listens */
export function createLiveEar(transcriber: LiveTranscriber | undefined): LiveEar {
  let open: { readonly stream: TranscriptionStream; readonly stop: AbortController } | undefined;
  return {
    begin(turn, language, preroll) {
      if (!transcriber) return;
      open?.stream.cancel();
      const stop = new AbortController();
      const stream = transcriber.listen({ turn, language, signal: stop.signal });
      for (const frame of preroll) stream.append(frame);
      open = { stream, stop };
    },
    hear: (frame) => open?.stream.append(frame),
    finish() {
      if (!open) return undefined;
      const { stream, stop } = open;
      open = undefined;
      const text = stream.commit();
      // It may fail long before its turn comes.
      text.catch(() => undefined);
      return {
        text,
        cancel(reason) {
          stop.abort(reason);
          stream.cancel();
        },
      };
    },
  };
}
