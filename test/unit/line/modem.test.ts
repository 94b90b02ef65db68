import { demodulate, demodulateUtterances, modulate, modulatedDurationMs } from '../../../services/line/modem.ts';
import { decodeMulaw, encodeMulaw } from '../../../services/line/mulaw.ts';
import { findBytes } from '../../../services/line/tone-reader.ts';
import { generateTones } from '../../../services/line/tone-writer.ts';

const FRAME = 160;
const SENTENCE = "Bonjour, je m'appelle Claire Fontaine, j'aimerais un rendez-vous à Besançon, près de l'hôtel.";

function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function join(...parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const scale = (pcm: Int16Array, gain: number) =>
  pcm.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
const silence = (durationMs: number) => new Int16Array(durationMs * 8);
const overLine = (pcm: Int16Array) => decodeMulaw(encodeMulaw(pcm));

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const letter of whole) if (letter === part[at]) at += 1;
  return at === part.length;
}

function dropFrames(pcm: Int16Array, share: number, random: () => number): { kept: Int16Array; dropped: number } {
  const frames = Array.from({ length: pcm.length / FRAME }, (_, n) => pcm.subarray(n * FRAME, (n + 1) * FRAME));
  const kept = frames.filter(() => random() >= share);
  return { kept: join(...kept), dropped: frames.length - kept.length };
}

describe.each(['caller', 'agent'] as const)('the modem with the voice of the %s', (voice) => {
  test.each([1, 2, 3])('carries all 256 bytes through µ-law at %i frames a byte', (framesPerByte) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const heard = findBytes(overLine(generateTones(bytes, { voice, framesPerByte })), voice);
    expect(heard.map((one) => one.byte)).toEqual([...bytes]);
  });

  test('carries every code point below 256, its own control characters among them', () => {
    const text = String.fromCodePoint(...Array.from({ length: 256 }, (_, point) => point));
    expect(demodulate(overLine(modulate(text, { voice })), { voice })).toMatchObject({ text, complete: true });
  });

  test('carries French through µ-law with confidence close to 1', () => {
    const heard = demodulate(overLine(modulate(SENTENCE, { voice })), { voice });
    expect(heard).toMatchObject({ text: SENTENCE, complete: true });
    expect(heard.confidence).toBeGreaterThan(0.98);
  });

  test('hears a caller 30 dB quieter and one that clips', () => {
    const pcm = modulate(SENTENCE, { voice });
    expect(demodulate(overLine(scale(pcm, 10 ** (-30 / 20))), { voice }).text).toBe(SENTENCE);
    expect(demodulate(overLine(scale(pcm, 4)), { voice }).text).toBe(SENTENCE);
  });

  test('does not care where in a frame the sound begins', () => {
    const pcm = modulate(SENTENCE, { voice, framesPerByte: 1 });
    for (let offset = 0; offset < 160; offset += 7)
      expect(demodulate(join(new Int16Array(offset), pcm), { voice }).text).toBe(SENTENCE);
  });

  test('survives 8 to 24 to 8 kHz by interpolation and averaging', () => {
    const pcm = modulate(SENTENCE, { voice });
    const at = (index: number) => pcm[Math.min(index, pcm.length - 1)] ?? 0;
    const fast = Int16Array.from({ length: pcm.length * 3 }, (_, i) => {
      const base = Math.floor(i / 3);
      return Math.round(at(base) + ((at(base + 1) - at(base)) * (i % 3)) / 3);
    });
    const plain = Int16Array.from({ length: pcm.length }, (_, i) => fast[3 * i] ?? 0);
    const averaged = Int16Array.from({ length: pcm.length }, (_, i) =>
      Math.round(((fast[3 * i] ?? 0) + (fast[3 * i + 1] ?? 0) + (fast[3 * i + 2] ?? 0)) / 3),
    );
    expect(demodulate(plain, { voice }).text).toBe(SENTENCE);
    expect(demodulate(averaged, { voice }).text).toBe(SENTENCE);
  });
});

test.each([1, 2])('dropped frames only ever delete letters, at %i frames a byte', (framesPerByte) => {
  const random = createRandom(7);
  for (let run = 0; run < 40; run += 1) {
    const share = [0.01, 0.05, 0.1, 0.2][run % 4] ?? 0.1;
    const { kept } = dropFrames(modulate(SENTENCE, { voice: 'caller', framesPerByte }), share, random);
    const { text } = demodulate(overLine(kept), { voice: 'caller' });
    expect([text, isSubsequence(text, SENTENCE)]).toEqual([text, true]);
  }
});

test('at one frame a byte a dropped frame costs one letter and no more', () => {
  const text = 'A table for four tomorrow at nineteen thirty please and thank you very much indeed';
  const random = createRandom(11);
  for (let run = 0; run < 20; run += 1) {
    const pcm = modulate(text, { voice: 'agent', framesPerByte: 1 });
    const inner = dropFrames(pcm.subarray(FRAME, pcm.length - FRAME), 0.05, random);
    const heard = demodulate(join(pcm.subarray(0, FRAME), inner.kept, pcm.subarray(-FRAME)), { voice: 'agent' });
    expect([run, text.length - heard.text.length]).toEqual([run, inner.dropped]);
  }
});

test('two halves of different letters never become a third letter', () => {
  // é is C3 A9, the apostrophe E2 80 99: without A9 and E2 there remains C3 80, which would be À.
  const pcm = modulate('é’', { voice: 'caller', framesPerByte: 1 });
  const damaged = join(pcm.subarray(0, 2 * FRAME), pcm.subarray(4 * FRAME));
  expect(demodulate(damaged, { voice: 'caller' }).text).toBe('');
});

test('frames replaced by silence within a byte leave the byte one byte', () => {
  const pcm = modulate('aabb', { voice: 'caller', framesPerByte: 3 });
  for (let byte = 0; byte < 6; byte += 1) pcm.fill(0, (3 * byte + 1) * FRAME, (3 * byte + 2) * FRAME);
  expect(demodulate(pcm, { voice: 'caller' }).text).toBe('aabb');
});

test('an utterance whose beginning was lost is not taken for more of the one before', () => {
  const first = modulate('Bonjour.', { voice: 'agent' });
  const second = modulate('Merci.', { voice: 'agent' });
  const heard = demodulateUtterances(join(first, second.subarray(2 * FRAME)), { voice: 'agent' });
  expect(heard.map(({ text, complete }) => [text, complete])).toEqual([
    ['Bonjour.', true],
    ['Merci.', false],
  ]);
});

test('tones that are a small part of a loud sound are not believed', () => {
  const pcm = modulate('Bonjour', { voice: 'caller' });
  const loud = pcm.map((sample, n) => Math.round(sample / 4 + 4500 * Math.sin((2 * Math.PI * 3750 * n) / 8000)));
  expect(demodulate(loud, { voice: 'caller' }).text).toBe('');
});

test('several utterances in one buffer come out in order with their places', () => {
  const first = modulate('Bonjour.', { voice: 'agent' });
  const second = modulate('À bientôt !', { voice: 'agent' });
  const pcm = overLine(join(silence(300), first, silence(100), second, silence(500)));
  const heard = demodulateUtterances(pcm, { voice: 'agent' });
  expect(heard.map(({ text, complete }) => [text, complete])).toEqual([
    ['Bonjour.', true],
    ['À bientôt !', true],
  ]);
  expect(Math.abs((heard[0]?.startSample ?? 0) - 2400)).toBeLessThan(100);
  expect(Math.abs((heard[1]?.endSample ?? 0) - (3200 + first.length + second.length))).toBeLessThan(100);
  expect(demodulate(pcm, { voice: 'agent' }).text).toBe('Bonjour. À bientôt !');
});

test('a sentence that was cut off is heard up to the cut and not complete', () => {
  const pcm = modulate('Your table for four is booked', { voice: 'agent' });
  const heard = demodulate(pcm.subarray(0, 21 * 320), { voice: 'agent' });
  expect(heard).toMatchObject({ text: 'Your table for four ', complete: false });
});

test('silence, noise and the other voice are nothing', () => {
  const random = createRandom(3);
  const noise = Int16Array.from({ length: 80_000 }, () => Math.round((random() - 0.5) * 20_000));
  for (const pcm of [silence(2000), noise, modulate(SENTENCE, { voice: 'agent' }), new Int16Array(5)])
    expect(demodulate(pcm, { voice: 'caller' })).toEqual({ text: '', confidence: 0, complete: false });
});

test('a sentence is heard through white noise 6 dB below it, with less confidence', () => {
  const random = createRandom(5);
  const noisy = modulate(SENTENCE, { voice: 'caller' }).map(
    (sample) => sample + Math.round((random() + random() + random() - 1.5) * 2 * 3670),
  );
  const heard = demodulate(noisy, { voice: 'caller' });
  expect(heard.text).toBe(SENTENCE);
  expect(heard.confidence).toBeLessThan(0.95);
});

test('a byte lasts 40 ms unless told otherwise, and empty text makes no sound', () => {
  expect(modulatedDurationMs('abc')).toBe(200);
  expect(modulate('abc', { voice: 'caller' })).toHaveLength(5 * 320);
  expect(modulatedDurationMs('')).toBe(0);
  expect(modulate('', { voice: 'caller' })).toHaveLength(0);
  expect(() => modulate('a', { voice: 'caller', framesPerByte: 0.5 })).toThrow(RangeError);
});
