import { count, describe, flag, ms, text } from './describe.ts';

const turn = describe(
  { room: 'turn', source: 'the bot', on: 'voice.turn' },
  {
    turnEndReason: text('completed, interrupted, session_closed', 'completed'),
    criticalSegment: text('the largest segment of the turn’s gap', 'llm_first_token', {
      source: 'the partition of the gap',
    }),
    turnUnmeasured: text('why the turn has no gap; only on turns without one', 'caller_resumed', {
      source: 'the measurement of the gap',
    }),
    deadAirCause: text('what the caller was waiting for in a silence', 'waiting_llm', {
      on: 'voice.dead_air',
      source: 'the stages that were open',
    }),
  },
);

const gap = describe(
  { room: 'gap and segments', source: 'the media clock', on: 'voice.response_gap' },
  {
    gapSource: text('what the gap was measured by, best first: media_clock, mark_ack, send, none', 'media_clock'),
    gapUncertaintyMs: ms('the true gap lies within so much', 10),
    gapPlatformMs: ms('last voiced frame arrived to first media written, by our own clock: this process alone', 812),
    gapFiller: flag('what ended the gap was a filler (“one moment”)', false),
    gapSubstantiveMs: ms('with a filler: the wait until the answer itself', 2310),
    eosSource: text('who decided that the caller was done: local_vad, provider_vad, timeout', 'local_vad', {
      source: 'the bot',
    }),
  },
);

const bargeIn = describe(
  { room: 'turn', source: 'the media stream', on: 'voice.barge_in' },
  {
    bargeInClearMs: ms('onset of the caller’s speech to `clear` sent', 180),
    bargeInGeneratedMs: ms('speech made for the interrupted answer', 6400),
    bargeInSentMs: ms('of it sent to the line', 4100),
    bargeInHeardMs: ms('of it heard by the caller', 2300),
    bargeInDiscardedMs: ms('of it given up', 4100),
  },
);

const playout = describe(
  { room: 'media', source: 'marks that came back', on: 'voice.playout' },
  {
    playoutSentMs: ms('audio sent', 4200),
    playoutHeardMs: ms('audio heard', 4200),
    playoutDiscardedMs: ms('audio sent and never heard', 0),
    playoutUnderrunMs: ms('holes that the caller heard in the middle of an answer', 0),
    marksSent: count('mark', 'marks sent', 3),
    marksAcked: count('mark', 'marks that came back after their audio was played', 3),
    marksFlushed: count('mark', 'marks that came back because of `clear`: unheard', 0),
  },
);

const media = describe(
  { room: 'media', source: 'the ledger of inbound frames', on: 'voice.call' },
  {
    framesIn: count('frame', 'frames of 20 ms received', 3061),
    badFrames: count('message', 'messages of the stream that could not be used', 0),
    mediaLostMs: ms('inbound audio that never came', 0),
    mediaGapMaxMs: ms('the longest time between two frames', 64),
    mediaJitterP95Ms: ms('interarrival jitter (RFC 3550), 95th percentile', 7),
    mediaReordered: count('frame', 'frames that came out of order', 0),
    mediaDuplicated: count('frame', 'frames that came twice', 0),
    mediaDriftPpm: count('ppm', 'how far the line’s clock drifts from ours', 12),
    mediaStalledMs: ms('time without a frame although one was due, over all stalls', 0),
    marksMissed: count('mark', 'marks that never came back', 0),
    markAckDelayMaxMs: ms('how much later a mark came back than its audio must have been played, at most', 90),
  },
);

/** Attributes of turns, gaps, barge-ins, playout and the media stream. */
export const TURN_ATTRIBUTES = { ...turn, ...gap, ...bargeIn, ...playout, ...media };
