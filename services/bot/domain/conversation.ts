import type { CallOnLine, ConversationDeps } from './deps.ts';
import { Dialogue } from './dialogue.ts';
import { createEars, type Utterance } from './ears.ts';
import { createMouth } from './mouth.ts';
import type { EndReason, Outcome } from './ports.ts';
import { createWatch } from './watch.ts';
import { wrapUp } from './wrap-up.ts';

/** One call, from accepted stream to wrapped up. */
export type Conversation = {
  /** 160 samples PCM16 and their media time. */
  hear(frame: Int16Array, timestampMs: number): void;
  heardMark(name: string): void;
  heardDtmf(): void;
  /** Ends the call, once; the first reason counts. */
  end(reason: EndReason): void;
  /** Resolves when the call has ended and what was left to do is done. */
  readonly done: Promise<Outcome>;
};

/** Starts with the greeting. */
export function startConversation(deps: ConversationDeps, call: CallOnLine): Conversation {
  const { clock, settings } = deps;
  const { listener, bind = (work) => work } = call;
  const stop = new AbortController();
  const mouth = createMouth(call.line, clock);
  const done = Promise.withResolvers<Outcome>();
  let framesIn = 0;
  let bargeIns = 0;
  let ended = false;

  const end = (reason: EndReason) => {
    if (ended) return;
    ended = true;
    const endedAtMs = clock.now();
    call.line.hangUp();
    for (const watch of [callWatch, mediaWatch, silenceWatch]) watch.cancel();
    ears.close();
    stop.abort();
    mouth.close();
    void wrapUp({ deps, call, dialogue, reason, endedAtMs }).then((outcome) => {
      listener.ended({ reason, outcome, endedAtMs, turns: dialogue.heardTurns, bargeIns });
      done.resolve(outcome);
    });
  };

  const hangUp = () => end('bot_hangup');
  const dialogue = new Dialogue({ deps, call, mouth, signal: stop.signal, hangUp });
  const lateHere = bind(() => end('watchdog'));
  const callWatch = createWatch(clock, settings.maxCallMs, lateHere);
  const mediaWatch = createWatch(clock, settings.noMediaMs, lateHere);
  const silenceWatch = createWatch(clock, settings.noSpeechMs, () => run(dialogue.promptSilence()));
  let newest: Promise<void> | undefined;
  const run = (turn: Promise<void>) => {
    silenceWatch.cancel();
    newest = turn;
    // Nobody is asked whether they are there while they speak, or while a later turn is going on.
    void turn.then(() => {
      if (!ended && turn === newest && !ears.speaking) silenceWatch.restart();
    });
  };

  const ears = createEars({
    vad: call.vad,
    clock,
    endSilenceMs: settings.endSilenceMs,
    stallMs: settings.stallMs,
    onOnset: bind((onsetAtMs: number, preroll: readonly Int16Array[]) => {
      silenceWatch.cancel();
      if (mouth.interrupt()) bargeIns += 1;
      dialogue.interrupt();
      dialogue.callerBegins(onsetAtMs, preroll);
    }),
    onFrame: (frame) => dialogue.callerSpeaks(frame),
    onUtterance: bind((utterance: Utterance) => run(dialogue.answer(utterance))),
  });

  callWatch.restart();
  mediaWatch.restart();
  deps.callResources?.open(call.callSid);
  run(dialogue.greet());
  return {
    hear(frame, timestampMs) {
      if (ended) return;
      framesIn += 1;
      if (framesIn % 25 === 1) mediaWatch.restart();
      ears.hear(frame, timestampMs);
    },
    heardMark: (name) => mouth.heardMark(name),
    heardDtmf: () => listener.dtmf(),
    end,
    done: done.promise,
  };
}
