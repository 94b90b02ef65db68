import { demodulateUtterances } from '../../line/modem.ts';
import { decodeMulaw } from '../../line/mulaw.ts';
import { isAudible } from './audible.ts';
import { FRAME_BYTES } from './playout.ts';

/** Something the bot was heard to say: sound without a pause of 300 ms. `text` is what could be demodulated, '' for other sound. */
export type BotPhrase = { readonly text: string; readonly startSample: number; readonly endSample: number };

const PHRASE_GAP_SAMPLES = 0.3 * 8000;

/** The caller's ear: takes what plays, tick by tick, and reports each phrase when it has ended. */
export function createEar(onBotSpoke: ((phrase: BotPhrase) => void) | undefined) {
  const phrases: BotPhrase[] = [];
  let frames: Int16Array[] = [];
  let framesStart = 0;
  let onset: number | null = null;
  let lastAudible = 0;

  const endPhrase = () => {
    if (onset === null) return;
    const pcm = new Int16Array(frames.length * FRAME_BYTES);
    frames.forEach((frame, index) => {
      pcm.set(frame, index * FRAME_BYTES);
    });
    const text = demodulateUtterances(pcm, { voice: 'agent' }).map((heard) => heard.text);
    const phrase = { text: text.join(' '), startSample: onset, endSample: lastAudible + 1 };
    onset = null;
    frames = [];
    phrases.push(phrase);
    onBotSpoke?.(phrase);
  };

  return {
    phrases: phrases as readonly BotPhrase[],
    speakingSince: () => onset,
    hear(played: Uint8Array | undefined, start: number): void {
      const pcm = played ? decodeMulaw(played) : new Int16Array(FRAME_BYTES);
      const first = played ? pcm.findIndex(isAudible) : -1;
      if (onset === null && first < 0) return;
      if (onset === null) {
        onset = start + first;
        framesStart = start;
      }
      frames.push(pcm);
      if (first >= 0) lastAudible = start + pcm.findLastIndex(isAudible);
      else if (framesStart + frames.length * FRAME_BYTES - lastAudible > PHRASE_GAP_SAMPLES) endPhrase();
    },
    close: endPhrase,
  };
}
