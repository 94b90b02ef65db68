const STEP_MS = 100;

/** When each side of a turn was heard; epoch milliseconds. */
export type HeardTimes = { readonly caller: readonly [number, number] | null; readonly bot: readonly [number, number] };

/** The body of a turn's `voice.envelope` record: loudness of both sides, 0 to 100 for each 100 ms, and when each spoke. */
export function createEnvelope({ caller, bot }: HeardTimes): string {
  const startMs = Math.floor(Math.min(caller?.[0] ?? bot[0], bot[0]));
  const steps = Math.ceil((Math.max(caller?.[1] ?? 0, bot[1]) - startMs) / STEP_MS);
  const loudness = (speech: readonly [number, number] | null, pitch: number) =>
    Array.from({ length: steps }, (_, at) => {
      const atMs = startMs + at * STEP_MS;
      if (speech === null || atMs < speech[0] || atMs >= speech[1]) return 0;
      // Syllables: a made-up voice that is the same each time.
      return Math.round(34 + 30 * Math.abs(Math.sin(at * pitch)) + 26 * Math.abs(Math.sin(at * 0.31 + pitch)));
    });
  const toOffsets = (speech: readonly [number, number] | null) =>
    speech === null ? [] : [[Math.round(speech[0] - startMs), Math.round(speech[1] - startMs)]];
  return JSON.stringify({
    v: 1,
    startMs,
    stepMs: STEP_MS,
    caller: loudness(caller, 1.7),
    bot: loudness(bot, 2.3),
    callerSpeech: toOffsets(caller),
    botSpeech: toOffsets(bot),
  });
}
