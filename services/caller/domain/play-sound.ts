import { modulate } from '../../line/modem.ts';
import { encodeMulaw } from '../../line/mulaw.ts';
import { type CallSession, warn } from './call-session.ts';
import { createPlayout, FRAME_BYTES } from './playout.ts';
import type { SoundVerb } from './twiml.ts';

const DIGIT_MS = 200;
const LONGEST_LOOP = 1000;
const LONGEST_SOUND_MS = 3_600_000;

/** Plays to the caller in order; ends early as soon as `isInterrupted` holds. Words of `<Say>` are heard through the modem, like the bot's. */
export async function playSounds(
  session: CallSession,
  sounds: readonly SoundVerb[],
  isInterrupted: () => boolean = () => false,
): Promise<void> {
  for (const sound of sounds) {
    if (isInterrupted()) return;
    if (sound.verb === 'Pause') {
      await session.line.until(isInterrupted, sound.lengthMs);
      continue;
    }
    const bytes = createSound(session, sound);
    const times = sound.loop === 0 ? LONGEST_LOOP : sound.loop;
    for (let time = 0; time < times && !isInterrupted(); time += 1) await playBytes(session, bytes, isInterrupted);
  }
}

async function playBytes(session: CallSession, bytes: Uint8Array, isInterrupted: () => boolean): Promise<void> {
  const playout = createPlayout();
  playout.append(bytes);
  session.connected = { exchange: () => playout.play() };
  await session.line.until(() => playout.isIdle() || isInterrupted(), LONGEST_SOUND_MS);
  session.connected = null;
}

function createSound(session: CallSession, sound: Exclude<SoundVerb, { verb: 'Pause' }>): Uint8Array {
  if (sound.verb === 'Say') return encodeMulaw(modulate(sound.text, { voice: 'agent' }));
  if (sound.digits !== '') return createSilence(sound.digits.length * DIGIT_MS);
  warn(session, 0, `<Play> ${sound.url}: the simulated line plays a second of silence instead of the file`);
  return createSilence(1000);
}

function createSilence(durationMs: number): Uint8Array {
  return new Uint8Array((durationMs / 20) * FRAME_BYTES).fill(0xff);
}
