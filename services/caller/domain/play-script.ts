import type { CallerLine } from './caller-line.ts';
import type { CallerScript, ScriptAnswer, ScriptStep } from './script.ts';

/** What a script can do beside speaking and listening. */
export type ScriptHands = {
  /** Presses one key; the tone itself is not carried, as with Twilio. */
  press(digit: string): void;
  hangUp(): void;
  /** A step begins; counted from 0. */
  beginStep?(index: number): void;
  /** The shortest pause that counts as the end of the bot's speech, in milliseconds of the line: longer on a fast line, whose hiccups are longer. */
  readonly leastPauseMs: number;
};

const DIGIT_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_REPLY_MS = 120_000;
const REPLY_SILENCE_MS = 600;

/** Plays the script on the line until the caller hangs up or the call ends (then it rejects with the line's reason). */
export async function playScript(script: CallerScript, line: CallerLine, hands: ScriptHands): Promise<void> {
  const ask = createAnswering(script.answers, line);
  for (const [index, step] of script.steps.entries()) {
    hands.beginStep?.(index);
    if (await playStep(step, line, hands, ask)) return;
  }
  const deadline = line.position() + script.maxWaitMs * 8;
  for (let leftMs = script.maxWaitMs; leftMs > 0; leftMs = (deadline - line.position()) / 8) {
    const from = line.phrases.length;
    const silenceMs = Math.max(REPLY_SILENCE_MS, hands.leastPauseMs);
    if (!(await waitForReply(line, silenceMs, leftMs, from))) break;
    await ask();
  }
  hands.hangUp();
}

/** Plays one step; true when the caller has hung up. */
async function playStep(
  step: ScriptStep,
  line: CallerLine,
  hands: ScriptHands,
  ask: () => Promise<boolean>,
): Promise<boolean> {
  if ('say' in step) await line.speak(step.say);
  else if ('silence' in step) await line.until(() => false, step.silence);
  else if ('wait' in step) {
    const silenceMs = Math.max(step.wait.silenceMs, hands.leastPauseMs);
    const wait = () => waitForReply(line, silenceMs, step.wait.timeoutMs, repliesBefore(line));
    await wait();
    while (await ask()) await wait();
  } else if ('dtmf' in step) {
    for (const digit of step.dtmf) {
      hands.press(digit);
      await line.until(() => false, DIGIT_MS);
    }
  } else if ('bargeIn' in step) {
    await waitForBotSpeaking(line, step.bargeIn.afterMs);
    await line.speak(step.bargeIn.say);
  } else {
    if (step.hangUp.afterBotStartedMs !== undefined) await waitForBotSpeaking(line, step.hangUp.afterBotStartedMs);
    hands.hangUp();
    return true;
  }
  return false;
}

/** Index of the first phrase that can be a reply to what the caller said last: one that began after it. */
function repliesBefore(line: CallerLine): number {
  const end = line.utterances.at(-1)?.endSample ?? 0;
  const index = line.phrases.findIndex((phrase) => phrase.startSample >= end);
  return index < 0 ? line.phrases.length : index;
}

// The bot has finished when it has said something and then nothing for `silenceMs`: all it had queued has been played.
function waitForReply(line: CallerLine, silenceMs: number, timeoutMs: number, from: number): Promise<boolean> {
  const isFinished = () => {
    const last = line.phrases.at(-1);
    if (line.phrases.length <= from || !last || line.botSpeakingSince() !== null) return false;
    return line.position() - last.endSample >= silenceMs * 8;
  };
  let isSpeaking = false;
  const started = line.until(() => {
    isSpeaking = line.botSpeakingSince() !== null;
    return isSpeaking || isFinished();
  }, timeoutMs);
  return started.then((hasStarted) => hasStarted && line.until(isFinished, LONGEST_REPLY_MS));
}

async function waitForBotSpeaking(line: CallerLine, forMs: number): Promise<void> {
  await line.until(() => {
    const since = line.botSpeakingSince();
    return since !== null && line.position() - since >= forMs * 8;
  }, LONGEST_PAUSE_MS);
}

/** Answers the bot's last words once when an answer of the script matches them; the result says whether something was said. */
function createAnswering(answers: readonly ScriptAnswer[], line: CallerLine): () => Promise<boolean> {
  const given = new Map<ScriptAnswer, number>();
  let answered = 0;
  return async () => {
    const from = Math.max(answered, repliesBefore(line));
    const said = line.phrases.slice(from).map((phrase) => phrase.text);
    answered = line.phrases.length;
    const match = answers.find(
      (one) => (given.get(one) ?? 0) < one.times && said.some((text) => new RegExp(one.when, 'iu').test(text)),
    );
    if (!match) return false;
    given.set(match, (given.get(match) ?? 0) + 1);
    const text = 'say' in match ? match.say : line.utterances.at(-1)?.text;
    if (text === undefined) return false;
    await line.speak(text);
    return true;
  };
}
