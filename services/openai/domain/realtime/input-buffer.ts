/** Audio that was appended and not yet committed. Times are milliseconds since the session's first sample. */
export type InputBuffer = {
  append(samples: Int16Array): void;
  /** How much waits. */
  lengthMs(): number;
  /** The end of everything that was ever appended. */
  endMs(): number;
  /** The samples between two times (what was dropped is left out); the buffer then begins at `endMs`. */
  take(startMs: number, endMs: number): Int16Array;
  /** Drops what is older than `keepMs` before the end. */
  trim(keepMs: number): void;
};

function join(chunks: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

/** An empty buffer for samples at `rateHz`; its first sample stands at `originMs`. */
export function createInputBuffer(rateHz: number, originMs = 0): InputBuffer {
  let chunks: Int16Array[] = [];
  let start = 0;
  let length = 0;
  const toSample = (ms: number) => Math.round(((ms - originMs) * rateHz) / 1_000);
  const dropUntil = (sample: number) => {
    while (chunks[0] && start + chunks[0].length <= sample) {
      start += chunks[0].length;
      length -= chunks[0].length;
      chunks.shift();
    }
    const first = chunks[0];
    if (!first || sample <= start) return;
    chunks[0] = first.subarray(sample - start);
    length -= sample - start;
    start = sample;
  };
  const end = () => start + length;
  return {
    append(samples) {
      if (samples.length === 0) return;
      chunks.push(samples);
      length += samples.length;
    },
    lengthMs: () => (length * 1_000) / rateHz,
    endMs: () => originMs + (end() * 1_000) / rateHz,
    take(startMs, endMs) {
      dropUntil(toSample(startMs));
      const until = Math.min(end(), toSample(endMs));
      const all = join(chunks);
      const taken = all.slice(0, Math.max(0, until - start));
      chunks = [all];
      length = all.length;
      dropUntil(until);
      return taken;
    },
    trim: (keepMs) => dropUntil(end() - Math.round((keepMs * rateHz) / 1_000)),
  };
}
