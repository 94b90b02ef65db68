import { modulate } from '../../line/modem.ts';
import { encodeMulaw } from '../../line/mulaw.ts';
import { type CallSession, warn } from './call-session.ts';
import { sendInTime } from './document.ts';
import { TwilioFault } from './fault.ts';
import { createPlayout, FRAME_BYTES } from './playout.ts';
import { createToken } from './sid.ts';
import { readSound, type SoundFile } from './sound-file.ts';
import type { SoundVerb } from './twiml.ts';

const DIGIT_MS = 200;
const LONGEST_LOOP = 1000;
const LONGEST_SOUND_MS = 3_600_000;
const LARGEST_FILE_BYTES = 40 * 1024 * 1024;

/** What to play: `baseUrl` is the document's address, against which addresses of files are read. */
export type Sounds = { readonly baseUrl: string; readonly verbs: readonly SoundVerb[] };

/** Plays to the caller in order; ends early as soon as `isInterrupted` holds. Words of `<Say>` are heard through the modem, like the bot's. */
export async function playSounds(
  session: CallSession,
  { baseUrl, verbs }: Sounds,
  isInterrupted: () => boolean = () => false,
): Promise<void> {
  for (const sound of verbs) {
    if (isInterrupted()) return;
    if (sound.verb === 'Pause') {
      await session.line.until(isInterrupted, sound.lengthMs);
      continue;
    }
    const bytes = await createSound(session, sound, baseUrl);
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

async function createSound(
  session: CallSession,
  sound: Exclude<SoundVerb, { verb: 'Pause' }>,
  baseUrl: string,
): Promise<Uint8Array> {
  if (sound.verb === 'Say') return encodeMulaw(modulate(sound.text, { voice: 'agent' }));
  if (sound.digits !== '') return createSilence(sound.digits.length * DIGIT_MS);
  const file = await fetchFile(session, sound.url, baseUrl);
  const heard = readSound(file);
  if (heard && 'bytes' in heard) return heard.bytes;
  const { durationMs } = heard ?? { durationMs: 1000 };
  const length = heard ? `${(durationMs / 1000).toFixed(1)} s, as long as it is` : 'a second';
  warn(session, 0, `<Play> ${sound.url}: the simulated line plays WAV and bare µ-law only; silence instead, ${length}`);
  return createSilence(durationMs);
}

async function fetchFile(session: CallSession, written: string, baseUrl: string): Promise<SoundFile> {
  const url = URL.parse(written, baseUrl)?.href;
  if (url === undefined) throw new TwilioFault(11100, `"${written}" is not an address`);
  const { deps, signal } = session;
  const idempotencyToken = createToken(deps.random);
  const form = { url, method: 'GET', params: {}, idempotencyToken, mostBytes: LARGEST_FILE_BYTES, signal } as const;
  const { status, contentType, body } = await sendInTime(deps, form);
  if (status < 200 || status > 299) throw new TwilioFault(11200, `${url} answered ${status}`);
  return { url, contentType, body };
}

function createSilence(durationMs: number): Uint8Array {
  return new Uint8Array(Math.ceil(durationMs / 20) * FRAME_BYTES).fill(0xff);
}
