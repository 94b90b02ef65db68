import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { OpenStage } from '../../otel/src/call/observer.ts';
import { TurnInference } from '../../otel/src/register/infer-turns.ts';

const LOUD = Buffer.alloc(160, 0x90);

/** A call that writes down its turns, on a clock that goes on by frames of 20 ms. */
export function openTurnStage({ listensFirst = false } = {}) {
  let nowMs = 1000;
  const told: string[] = [];
  const opened: number[] = [];
  const waiting: boolean[] = [];
  const take = () => {
    for (const loud of waiting.splice(0)) {
      isLoud = loud;
      vad.isSpeech(frame);
    }
  };
  const clock = { now: () => nowMs, wallTimeOf: (ms: number) => ms };
  const startTurn = (index: number, startedAtMs = nowMs) => {
    told.push(`turn ${index} at ${startedAtMs}`);
    take();
    return {
      index,
      context: ROOT_CONTEXT,
      setAttributes() {},
      committed: (atMs = nowMs, source = '') => void told.push(`turn ${index} committed at ${atMs} by ${source}`),
      speaksFiller() {},
      recordFailure() {},
      end: (reason: string, atMs = nowMs) => void told.push(`turn ${index} ${reason} at ${atMs}`),
    };
  };
  const turns = new TurnInference({
    call: { startTurn, clock, context: ROOT_CONTEXT },
    rate: 1,
    lookEveryMs: 200,
    ...(listensFirst ? { listenNow: () => take() } : {}),
    onOpened: (atMs) => {
      opened.push(atMs);
      take();
    },
  });
  let isLoud = false;
  const vad = turns.listening({ isSpeech: () => isLoud });
  const frame = new Int16Array(160);
  return {
    turns,
    told,
    opened,
    /** So many milliseconds in which the caller speaks or not. */
    pass(durationMs: number, isCallerLoud = false): void {
      isLoud = isCallerLoud;
      for (let ms = 0; ms < durationMs; ms += 20) {
        nowMs += 20;
        vad.isSpeech(frame);
      }
    },
    /** So many milliseconds whose frames wait until somebody is told of something, as those of the tap do. */
    passUnheard(durationMs: number, isCallerLoud = false): void {
      for (let ms = 0; ms < durationMs; ms += 20) {
        nowMs += 20;
        waiting.push(isCallerLoud);
      }
    },
    say: (durationMs: number) => turns.sendingMedia(Buffer.concat(Array.from({ length: durationMs / 20 }, () => LOUD))),
    stage: (stage: string, turnIndex: number) => ({ stage, turnIndex, startedAtMs: nowMs }) as unknown as OpenStage,
  };
}
