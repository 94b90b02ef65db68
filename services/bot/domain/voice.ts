import { REPLY_DEADLINE, SYNTHESIS_DEADLINE, withStreamDeadline } from './deadline.ts';
import type { ConversationDeps } from './deps.ts';
import { isCancelled } from './errors.ts';
import type { Mouth, Speech } from './mouth.ts';
import { type PhraseKey, phrase } from './phrases.ts';
import type { CallListener, Language, Message, Playout, TurnRef } from './ports.ts';
import { createQueue } from './queue.ts';
import { createSentenceSplitter } from './sentences.ts';

/** What is needed to say something in a turn. */
export type Voice = {
  readonly deps: ConversationDeps;
  readonly mouth: Mouth;
  readonly turn: TurnRef;
  readonly language: Language;
  /** Aborted when the caller interrupts, or when the call ends. */
  readonly signal: AbortSignal;
  readonly listener: CallListener;
};

/** What came of an answer. */
export type Answer = {
  readonly playout: Playout;
  /** The tool that the model asked for, if any. */
  readonly tool: string | undefined;
  /** False when the model or the voice gave nothing to hear. */
  readonly spoke: boolean;
  /** The voice provider failed: trying it again now would only cost the caller's time. */
  readonly voiceFailed: boolean;
};

/**
 * Says a fixed phrase; when the voice provider fails, its recording, so that the caller is never left in silence.
 * @param recorded takes the recording at once
 */
export async function sayPhrase(voice: Voice, key: PhraseKey, recorded = false): Promise<Playout> {
  const speech = voice.mouth.begin(voice.turn.turnIndex);
  reportFirstSound(voice, speech);
  const text = phrase(voice.language, key);
  const spoken = !recorded && (await speakSentence(voice, speech, text)) === 'spoken';
  if (!spoken && !voice.signal.aborted) {
    speech.add(voice.deps.phraseBook.audioOf(voice.language, key));
    speech.endSentence(text);
  }
  if (!voice.signal.aborted) voice.listener.said(voice.turn.turnIndex, 'reply', text);
  return settle(voice, speech);
}

/** Streams the model's reply to the line, a sentence at a time: the first is spoken while the next is being written. */
export async function answerAloud(voice: Voice, messages: readonly Message[]): Promise<Answer> {
  const sentences = createQueue<string>();
  const reading = readReply(voice, messages, sentences.push).then(
    (tool) => {
      sentences.close();
      return tool;
    },
    (error: unknown) => {
      sentences.close();
      report(voice, 'reply', error);
      return undefined;
    },
  );
  const speech = voice.mouth.begin(voice.turn.turnIndex);
  reportFirstSound(voice, speech);
  const said: string[] = [];
  let voiceFailed = false;
  for await (const sentence of sentences) {
    const result = voiceFailed ? 'failed' : await speakSentence(voice, speech, sentence);
    if (result === 'spoken') said.push(sentence);
    if (result === 'failed') voiceFailed = true;
  }
  if (said.length > 0) voice.listener.said(voice.turn.turnIndex, 'reply', said.join(' '));
  const playout = await settle(voice, speech);
  return { playout, tool: await reading, spoke: said.length > 0, voiceFailed };
}

async function readReply(
  voice: Voice,
  messages: readonly Message[],
  push: (sentence: string) => void,
): Promise<string | undefined> {
  const { deps, turn, signal } = voice;
  const splitter = createSentenceSplitter();
  let tool: string | undefined;
  const parts = withStreamDeadline((deadline) => deps.replyModel.reply({ turn, messages, signal: deadline }), {
    clock: deps.clock,
    deadline: REPLY_DEADLINE,
    signal,
  });
  for await (const part of parts) {
    if (part.kind === 'tool') tool = part.name;
    else splitter.push(part.text).forEach(push);
  }
  splitter.flush().forEach(push);
  return tool;
}

/** `stopped`: interrupted before the sentence was complete. */
async function speakSentence(voice: Voice, speech: Speech, text: string): Promise<'spoken' | 'failed' | 'stopped'> {
  if (voice.signal.aborted) return 'stopped';
  const { deps, turn, language, signal } = voice;
  let added = false;
  try {
    const audio = withStreamDeadline((deadline) => deps.synthesizer.speak({ turn, text, language, signal: deadline }), {
      clock: deps.clock,
      deadline: SYNTHESIS_DEADLINE,
      signal,
    });
    for await (const piece of audio) {
      speech.add(piece);
      added = true;
    }
    return added ? 'spoken' : 'failed';
  } catch (error) {
    report(voice, 'synthesis', error);
    return isCancelled(error) ? 'stopped' : 'failed';
  } finally {
    if (added) speech.endSentence(text);
  }
}

async function settle(voice: Voice, speech: Speech): Promise<Playout> {
  speech.finish();
  const playout = await speech.done;
  if (playout.sentMs > 0) voice.listener.played(voice.turn.turnIndex, playout);
  return playout;
}

function reportFirstSound(voice: Voice, speech: Speech): void {
  if (voice.turn.turnIndex === 0) void speech.firstHeardAtMs.then((atMs) => voice.listener.greetingHeard(atMs));
}

function report(voice: Voice, stage: 'reply' | 'synthesis', error: unknown): void {
  if (!isCancelled(error)) voice.listener.providerFailed(voice.turn.turnIndex, stage, error);
}
