/** G.711 µ-law, 8 bits a sample (ITU-T G.711). Samples are signed 16-bit PCM. */

const BIAS = 0x84;
const CLIP = 32_635;

function decodeByte(byte: number): number {
  const inverted = ~byte & 0xff;
  const exponent = (inverted >> 4) & 0x07;
  const magnitude = (((inverted & 0x0f) << 3) + BIAS) << exponent;
  return inverted & 0x80 ? BIAS - magnitude : magnitude - BIAS;
}

function encodeSample(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 31 - Math.clz32(magnitude >> 7);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

const DECODED = Int16Array.from({ length: 256 }, (_, byte) => decodeByte(byte));
const ENCODED = Uint8Array.from({ length: 65_536 }, (_, index) => encodeSample(index - 32_768));

/** The µ-law byte of silence. */
export const MULAW_SILENCE = 0xff;

/** One PCM16 sample per µ-law byte. */
export function decodeMulaw(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) samples[index] = DECODED[bytes[index] ?? MULAW_SILENCE] ?? 0;
  return samples;
}

/** One µ-law byte per PCM16 sample. */
export function encodeMulaw(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  for (let index = 0; index < samples.length; index += 1)
    bytes[index] = ENCODED[(samples[index] ?? 0) + 32_768] ?? MULAW_SILENCE;
  return bytes;
}
