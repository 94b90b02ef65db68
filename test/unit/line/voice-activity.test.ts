import createVad from '@echogarden/fvad-wasm';
import { modulate } from '../../../services/line/modem.ts';
import { decodeMulaw, encodeMulaw } from '../../../services/line/mulaw.ts';

const FRAME = 160;

async function countSpeechFrames(pcm: Int16Array, mode: number): Promise<number> {
  const vad = await createVad();
  const detector = vad._fvad_new();
  vad._fvad_set_mode(detector, mode);
  vad._fvad_set_sample_rate(detector, 8000);
  const buffer = vad._malloc(FRAME * 2);
  let frames = 0;
  for (let at = 0; at + FRAME <= pcm.length; at += FRAME) {
    vad.HEAP16.set(pcm.subarray(at, at + FRAME), buffer / 2);
    if (vad._fvad_process(detector, buffer, FRAME) === 1) frames += 1;
  }
  vad._fvad_free(detector);
  return frames;
}

test.each(['caller', 'agent'] as const)(
  'a WebRTC detector takes the voice of the %s for speech in every frame',
  async (voice) => {
    const pcm = decodeMulaw(encodeMulaw(modulate('Bonjour, je voudrais un rendez-vous.', { voice })));
    for (const mode of [0, 1, 2, 3]) expect(await countSpeechFrames(pcm, mode)).toBe(pcm.length / FRAME);
  },
);

test('a WebRTC detector hears no speech in the silence of the line', async () => {
  const silence = decodeMulaw(new Uint8Array(100 * FRAME).fill(0xff));
  expect(await countSpeechFrames(silence, 2)).toBe(0);
});
