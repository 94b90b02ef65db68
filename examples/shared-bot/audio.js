// What a telephone speaks: G.711 µ-law at 8 kHz. Models take WAV and give PCM at 24 kHz.

const BIAS = 0x84;

const DECODED = Int16Array.from({ length: 256 }, (_, byte) => {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + BIAS) << ((inverted >> 4) & 0x07);
  return inverted & 0x80 ? BIAS - magnitude : magnitude - BIAS;
});

export const fromMulaw = (bytes) => Int16Array.from(bytes, (byte) => DECODED[byte]);

function toMulawByte(sample) {
  const magnitude = Math.min(Math.abs(sample), 32_635) + BIAS;
  const exponent = 31 - Math.clz32(magnitude >> 7);
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

/** PCM16 at 24 kHz, as it streams in, to µ-law at 8 kHz: three samples become their mean. */
export async function* toTelephone(pcmStream) {
  let rest = Buffer.alloc(0);
  for await (const chunk of pcmStream) {
    const pcm = Buffer.concat([rest, chunk]);
    const mulaw = Buffer.alloc(Math.floor(pcm.length / 6));
    for (let at = 0; at < mulaw.length; at += 1) {
      const sum = pcm.readInt16LE(6 * at) + pcm.readInt16LE(6 * at + 2) + pcm.readInt16LE(6 * at + 4);
      mulaw[at] = toMulawByte(Math.round(sum / 3));
    }
    rest = pcm.subarray(6 * mulaw.length);
    yield mulaw;
  }
}

/** A WAV file of µ-law frames, as PCM16. */
export function toWav(frames) {
  const samples = fromMulaw(Buffer.concat(frames));
  const header = Buffer.from(
    'RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\x02\0\x10\0data\0\0\0\0',
    'latin1',
  );
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.writeUInt32LE(8_000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}
