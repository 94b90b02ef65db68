import type { CallSession } from './call-session.ts';
import { playSounds } from './play-sound.ts';
import type { Verb } from './twiml.ts';

type GatherVerb = Extract<Verb, { verb: 'Gather' }>;

/**
 * `<Gather>`: prompts, then keys or speech. Returns the parameters for its action, or null when nothing came and the next verb is due.
 * Speech is what the caller's script said: the simulated line recognises its own modem without error.
 */
export async function gather(
  session: CallSession,
  verb: GatherVerb,
  baseUrl: string,
): Promise<Record<string, string> | null> {
  const { line } = session;
  const digitsBefore = session.digits.length;
  const spokenBefore = line.utterances.filter((one) => one.startSample !== null).length;
  const digits = () => (verb.hearsDigits ? session.digits.slice(digitsBefore) : '');
  const speech = () => (verb.hearsSpeech ? line.utterances[spokenBefore] : undefined);
  const isSpeaking = () => speech()?.isVoiced === true && speech()?.startSample !== null;
  const isComplete = () => hasAllDigits(verb, digits()) || (isSpeaking() && speech()?.endSample !== null);

  await playSounds(session, { baseUrl, verbs: verb.prompts }, () => digits() !== '' || isSpeaking());
  let heard = '';
  await line.until(() => digits() !== '' || isSpeaking(), verb.timeoutMs);
  while (!isComplete() && (digits() !== heard || isSpeaking())) {
    heard = digits();
    await line.until(() => isComplete() || digits() !== heard, verb.timeoutMs);
  }
  const text = speech()?.text;
  if (isSpeaking() && text !== undefined) return { SpeechResult: text, Confidence: '1.0' };
  const pressed = withoutFinishKey(verb, digits());
  if (digits() === '' && !verb.actionOnEmptyResult) return null;
  return { Digits: pressed };
}

function hasAllDigits(verb: GatherVerb, digits: string): boolean {
  if (verb.numDigits !== null && digits.length >= verb.numDigits) return true;
  return verb.finishOnKey !== '' && [...digits].some((digit) => verb.finishOnKey.includes(digit));
}

function withoutFinishKey(verb: GatherVerb, digits: string): string {
  const end = [...digits].findIndex((digit) => verb.finishOnKey.includes(digit));
  const kept = end < 0 ? digits : digits.slice(0, end);
  return verb.numDigits === null ? kept : kept.slice(0, verb.numDigits);
}
