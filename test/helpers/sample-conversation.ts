import type { DeadAirCause, GapSource, UnmeasuredReason } from 'callspan/conventions';

/** One exchange of a sample call: what was said and how long each step took, milliseconds. */
export type SampleTurn = {
  readonly caller: string | null;
  readonly bot: string;
  /** Silence before the caller speaks. */
  readonly pauseMs: number;
  readonly speechMs: number;
  readonly endpointingMs: number;
  readonly transcriptionMs: number;
  readonly firstTokenMs: number;
  readonly restOfReplyMs: number;
  readonly firstSoundMs: number;
  readonly playoutMs: number;
  /** Status of a first attempt that the model refused. */
  readonly refusedWith?: number;
  /** How the wait was measured; on the line where nothing is said. */
  readonly source?: GapSource;
  /** Why the wait could not be measured. */
  readonly unmeasured?: UnmeasuredReason;
  /** The wait was ended by a filler; the answer came after this time. */
  readonly substantiveMs?: number;
  /** How much of the speech was heard before the caller interrupted it. */
  readonly heardMs?: number;
  /** Nobody spoke for too long, for this cause. */
  readonly deadAir?: DeadAirCause;
  /** A look-up that began when the transcript was there. */
  readonly retrievalMs?: number;
};

const turn = (
  caller: string | null,
  bot: string,
  times: readonly number[],
  special: Partial<SampleTurn> = {},
): SampleTurn => {
  const [pauseMs = 0, speechMs = 0, endpointingMs = 0, transcriptionMs = 0, firstTokenMs = 0] = times;
  const [restOfReplyMs = 0, firstSoundMs = 0, playoutMs = 0] = times.slice(5);
  const measured = {
    pauseMs,
    speechMs,
    endpointingMs,
    transcriptionMs,
    firstTokenMs,
    restOfReplyMs,
    firstSoundMs,
    playoutMs,
  };
  return { caller, bot, ...measured, ...special };
};

/** Calls about an appointment, as the simulated line holds them. Times: pause, speech, endpointing, transcription, first token, rest, first sound, playout. */
export const CONVERSATIONS: Readonly<Record<'fr' | 'en' | 'hard', readonly SampleTurn[]>> = {
  fr: [
    turn(null, 'Cabinet du docteur Martin, bonjour. Que puis-je faire pour vous ?', [0, 0, 0, 0, 0, 0, 168, 3420]),
    turn(
      'Bonjour, je voudrais un rendez-vous la semaine prochaine.',
      'Volontiers. À quel nom, s’il vous plaît ?',
      [620, 2940, 310, 214, 342, 260, 121, 2380],
    ),
    turn('Camille Durand.', 'Merci. Quel jour vous conviendrait ?', [480, 1320, 300, 187, 388, 190, 133, 2040]),
    turn(
      'Lundi si possible, ou plutôt mardi, mardi matin vers dix heures.',
      'Mardi à dix heures, c’est noté. Un numéro où vous rappeler ?',
      [5200, 4180, 310, 221, 1570, 340, 168, 3640],
      { refusedWith: 429 },
    ),
    turn(
      'Zéro six, douze, trente-quatre, cinquante-six, soixante-dix-huit.',
      'Merci, à mardi.',
      [14300, 5460, 290, 236, 296, 120, 104, 1680],
    ),
  ],
  en: [
    turn(null, 'Good morning, Dr Martin’s practice. How can I help?', [0, 0, 0, 0, 0, 0, 154, 2980]),
    turn(
      'Hello, I would like an appointment next week.',
      'Certainly. What name is it?',
      [700, 2510, 305, 203, 351, 220, 118, 1740],
    ),
    turn(
      'Sam Taylor, and Tuesday at ten would be good.',
      'Tuesday at ten, noted. Goodbye.',
      [650, 2870, 300, 195, 372, 240, 126, 2210],
    ),
  ],
  // What telemetry can tell beside a plain wait: fallbacks, voids, interruptions, fillers, silence.
  hard: [
    turn(null, 'Good morning, Dr Martin’s practice. How can I help?', [0, 0, 0, 0, 0, 0, 154, 2980]),
    turn(
      'Hello, I need to move my appointment.',
      'Certainly. May I have your name, please? And your date of birth?',
      [700, 2510, 305, 203, 351, 220, 118, 3600],
      { source: 'mark_ack', heardMs: 1340 },
    ),
    turn('Sam Taylor. Wait, it is', 'Thank you.', [-180, 1900, 300, 210, 340, 160, 90, 640], {
      unmeasured: 'caller_resumed',
    }),
    turn(
      'Sam Taylor, third of March nineteen eighty.',
      'One moment. I have you on Tuesday at ten.',
      [420, 2870, 300, 195, 372, 240, 126, 3910],
      { substantiveMs: 4130, retrievalMs: 2600 },
    ),
    turn('Could it be Thursday?', 'Thursday at nine, then. Goodbye.', [650, 1470, 310, 240, 3260, 260, 131, 2210], {
      source: 'send',
      deadAir: 'waiting_llm',
    }),
  ],
};
