import { findBytes, type HeardByte } from './tone-reader.ts';
import { generateTones } from './tone-writer.ts';
import { FRAME_SAMPLES, SAMPLE_RATE_HZ, type Voice } from './tones.ts';

export type { Voice } from './tones.ts';

/**
 * A modem that stands in for speech: text in, sound out, and back. Three tones a byte (MFSK), UTF-8 between STX and ETX, no packets:
 * a lost 20 ms frame costs exactly its letters. It carries the words through the real audio path; it is not speech.
 */
export type ModulateOptions = { readonly voice: Voice; readonly framesPerByte?: number };

/** One utterance heard. `complete`: its end mark arrived. Positions are samples of the buffer, `endSample` exclusive. `confidence` is 0 to 1. */
export type HeardUtterance = {
  readonly text: string;
  readonly complete: boolean;
  readonly startSample: number;
  readonly endSample: number;
  readonly confidence: number;
};

/** Everything heard in a buffer: utterances joined by a space; `complete` when each of them (and at least one) was. */
export type Heard = { readonly text: string; readonly confidence: number; readonly complete: boolean };

const STX = 0x02;
const ETX = 0x03;
const ESCAPE = 0x10;
const ESCAPED = 0x40;
const DEFAULT_FRAMES_PER_BYTE = 2;
const LONGEST_PAUSE_SAMPLES = 0.6 * SAMPLE_RATE_HZ;

/** Text as sound of `voice`, PCM16 at 8 kHz; 40 ms a byte unless `framesPerByte` (20 ms each) says otherwise. Empty text is empty sound. */
export function modulate(
  text: string,
  { voice, framesPerByte = DEFAULT_FRAMES_PER_BYTE }: ModulateOptions,
): Int16Array {
  return text === '' ? new Int16Array(0) : generateTones(frameText(text), { voice, framesPerByte });
}

/** Milliseconds that `modulate` makes of the text. */
export function modulatedDurationMs(text: string, framesPerByte = DEFAULT_FRAMES_PER_BYTE): number {
  return text === '' ? 0 : (frameText(text).length * framesPerByte * FRAME_SAMPLES * 1000) / SAMPLE_RATE_HZ;
}

/** What `voice` said in the buffer (PCM16, 8 kHz). Silence, noise and the other voice are '' with confidence 0. Never throws. */
export function demodulate(pcm: Int16Array, options: { readonly voice: Voice }): Heard {
  const utterances = demodulateUtterances(pcm, options);
  const confidence = mean(utterances.map((utterance) => utterance.confidence));
  return {
    text: utterances.map((utterance) => utterance.text).join(' '),
    confidence,
    complete: utterances.length > 0 && utterances.every((utterance) => utterance.complete),
  };
}

/** The utterances of `voice` in the buffer, in order. One whose beginning or end was lost is given as far as it was heard. */
export function demodulateUtterances(pcm: Int16Array, { voice }: { readonly voice: Voice }): HeardUtterance[] {
  return groupBytes(findBytes(pcm, voice))
    .map(createUtterance)
    .filter((utterance) => utterance.text !== '');
}

function frameText(text: string): Uint8Array {
  const framed = [STX];
  for (const byte of new TextEncoder().encode(text)) {
    if (byte === STX || byte === ETX || byte === ESCAPE) framed.push(ESCAPE, byte ^ ESCAPED);
    else framed.push(byte);
  }
  return Uint8Array.from([...framed, ETX]);
}

function groupBytes(heard: readonly HeardByte[]): HeardByte[][] {
  const groups: HeardByte[][] = [];
  let open: HeardByte[] | undefined;
  for (const byte of heard) {
    const last = open?.at(-1);
    const isFar = last !== undefined && byte.startSample - last.endSample > LONGEST_PAUSE_SAMPLES;
    if (!open || isFar || byte.byte === STX) {
      open = [];
      groups.push(open);
    }
    open.push(byte);
    if (byte.byte === ETX) open = undefined;
  }
  // A lone byte without a beginning is noise rather than speech.
  return groups.filter((group) => group[0]?.byte === STX || group.length > 1);
}

function createUtterance(group: readonly HeardByte[]): HeardUtterance {
  return {
    text: decodeText(group),
    complete: group[0]?.byte === STX && group.at(-1)?.byte === ETX,
    startSample: group[0]?.startSample ?? 0,
    endSample: group.at(-1)?.endSample ?? 0,
    confidence: mean(group.map((byte) => byte.share)),
  };
}

// A letter of several bytes that lost one is left out: damage is always deletion, never another letter.
function decodeText(group: readonly HeardByte[]): string {
  const bytes: number[] = [];
  let isEscaped = false;
  let counter: number | undefined;
  for (const heard of group) {
    if (counter !== undefined && heard.counter !== (counter + 1) % 4) {
      bytes.push(0xff);
      isEscaped = false;
    }
    counter = heard.counter;
    if (heard.byte === STX || heard.byte === ETX) continue;
    if (heard.byte === ESCAPE) isEscaped = true;
    else {
      bytes.push(isEscaped ? heard.byte ^ ESCAPED : heard.byte);
      isEscaped = false;
    }
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes)).replaceAll('\uFFFD', '');
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
