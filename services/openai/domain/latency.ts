import { createRandom, deriveSeed, type Random } from './random.ts';

const LATENCY_KINDS = [
  'transcription',
  'reply',
  'extraction',
  'speech',
  'realtimeTranscript',
  'realtimeSpeech',
] as const;

/**
 * What is waited for: a whole transcription, a reply's first token, a whole extraction, the first byte of speech; over the
 * Realtime API the first words of a transcript after the commit, and the first audio of words that are known.
 */
export type LatencyKind = (typeof LATENCY_KINDS)[number];

export const PROFILE_NAMES = ['healthy', 'instant'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** A log-normal by its median and 95th percentile, cut at `maxMs`. */
type Distribution = { readonly medianMs: number; readonly p95Ms: number; readonly maxMs: number };

type Profile = {
  readonly first: Readonly<Record<LatencyKind, Distribution>>;
  /** Tokens a second after the first; 0 = all at once. */
  readonly tokensPerSecond: number;
  /** How many times faster than real time audio leaves; 0 = all at once. */
  readonly speechRate: number;
};

const NONE: Distribution = { medianMs: 0, p95Ms: 0, maxMs: 0 };

/** `healthy` keeps every draw under the default limits of the project's thresholds; `instant` waits for nothing. */
const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  healthy: {
    first: {
      transcription: { medianMs: 140, p95Ms: 200, maxMs: 260 },
      reply: { medianMs: 210, p95Ms: 300, maxMs: 340 },
      extraction: { medianMs: 380, p95Ms: 490, maxMs: 550 },
      speech: { medianMs: 60, p95Ms: 82, maxMs: 95 },
      realtimeTranscript: { medianMs: 90, p95Ms: 140, maxMs: 180 },
      realtimeSpeech: { medianMs: 70, p95Ms: 90, maxMs: 105 },
    },
    tokensPerSecond: 80,
    speechRate: 8,
  },
  instant: {
    first: {
      transcription: NONE,
      reply: NONE,
      extraction: NONE,
      speech: NONE,
      realtimeTranscript: NONE,
      realtimeSpeech: NONE,
    },
    tokensPerSecond: 0,
    speechRate: 0,
  },
};

const Z_95 = 1.645;

function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function draw(distribution: Distribution, random: Random): number {
  if (distribution.medianMs === 0) return 0;
  const sigma = Math.log(distribution.p95Ms / distribution.medianMs) / Z_95;
  // Drawing again, unlike clamping, leaves no heap of equal values at the cut.
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const value = distribution.medianMs * Math.exp(sigma * drawNormal(random));
    if (value <= distribution.maxMs) return value;
  }
  return distribution.maxMs;
}

export type LatencySource = {
  readonly profile: () => ProfileName;
  setProfile(name: ProfileName): void;
  /** Milliseconds for the next request of `kind`. Each kind has its own sequence, so traffic of one never shifts another. */
  next(kind: LatencyKind): number;
  readonly pace: () => Pick<Profile, 'tokensPerSecond' | 'speechRate'>;
};

/** Draws latencies; the same `seed` gives the same sequence for each kind. */
export function createLatencySource(seed: number, initial: ProfileName): LatencySource {
  let name = initial;
  const randoms = Object.fromEntries(
    LATENCY_KINDS.map((kind) => [kind, createRandom(deriveSeed(seed, kind))]),
  ) as Record<LatencyKind, Random>;
  return {
    profile: () => name,
    setProfile: (next) => {
      name = next;
    },
    next: (kind) => draw(PROFILES[name].first[kind], randoms[kind]),
    pace: () => PROFILES[name],
  };
}
