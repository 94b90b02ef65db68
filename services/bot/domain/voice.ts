import { REPLY_DEADLINE, SYNTHESIS_DEADLINE, withStreamDeadline } from './deadline.ts';
import type { ConversationDeps } from './deps.ts';
import { isCancelled } from './errors.ts';
import type { Filler } from './filler.ts';
import type { Mouth, Speech } from './mouth.ts';
import { phrase } from './phrases.ts';
import type { CallListener, Language, Message, PhraseKey, Playout, TurnRef } from './ports.ts';
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
  readonly filler?: Filler | undefined;
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
  const { phraseBook } = voice.deps;
  const speech = voice.mouth.begin(voice.turn.turnIndex);
  reportFirstSound(voice, speech);
  const text = phrase(voice.language, key);
  const asks = !recorded || phraseBook.find(voice.language, key) !== undefined;
  const spoken = asks && (await speakSentence(voice, speech, { text, phrase: key })) === 'spoken';
  if (!spoken && !voice.signal.aborted) {
    voice.filler?.answering();
    speech.add(phraseBook.audioOf(voice.language, key));
    speech.endSentence(text);
  }
  if (!voice.signal.aborted) voice.listener.said(voice.turn.turnIndex, 'reply', text);
  return settle(speech);
}

/**
 * Streams the model's reply to the line, a sentence at a time: the first is spoken while the next is being written. While
 * messages or reply let the caller wait too long, a filler goes before it.
 * @param prepare the messages; must not reject
 */
export async function answerAloud(voice: Voice, prepare: () => Promise<readonly Message[]>): Promise<Answer> {
  const { filler, turn, language, listener } = voice;
  const speech = voice.mouth.begin(turn.turnIndex);
  reportFirstSound(voice, speech);
  const said: string[] = [];
  filler?.arm(async () => {
    const text = phrase(language, 'filler');
    if ((await speakSentence(voice, speech, { text, phrase: 'filler' })) === 'spoken') said.push(text);
  });
  const { sentences, tool } = startReading(voice, prepare);
  let spoke = false;
  let voiceFailed = false;
  for await (const text of sentences) {
    await filler?.settle();
    const result = voiceFailed ? 'failed' : await speakSentence(voice, speech, { text });
    if (result === 'spoken') said.push(text);
    spoke ||= result === 'spoken';
    if (result === 'failed') voiceFailed = true;
  }
  await filler?.settle();
  if (said.length > 0) listener.said(turn.turnIndex, 'reply', said.join(' '));
  const playout = await settle(speech);
  return { playout, tool: await tool, spoke, voiceFailed };
}

/** The sentences as the model writes them, and the tool that it asked for when it has ended. Neither fails. */
function startReading(voice: Voice, prepare: () => Promise<readonly Message[]>) {
  const sentences = createQueue<string>();
  const read = async () => {
    try {
      const messages = await prepare();
      return voice.signal.aborted ? undefined : await readReply(voice, messages, sentences.push);
    } catch (error) {
      report(voice, 'reply', error);
      return undefined;
    } finally {
      sentences.close();
    }
  };
  return { sentences, tool: read() };
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

/** What is said in one request; `phrase` when it is a fixed one. */
type Sentence = { readonly text: string; readonly phrase?: PhraseKey };

/** `stopped`: interrupted before the sentence was complete. */
async function speakSentence(
  voice: Voice,
  speech: Speech,
  sentence: Sentence,
): Promise<'spoken' | 'failed' | 'stopped'> {
  if (voice.signal.aborted) return 'stopped';
  const { deps, turn, language, signal } = voice;
  const request = { turn, language, ...sentence };
  let added = false;
  speech.beginSentence(sentence.text);
  try {
    const audio = withStreamDeadline((deadline) => deps.synthesizer.speak({ ...request, signal: deadline }), {
      clock: deps.clock,
      deadline: SYNTHESIS_DEADLINE,
      signal,
    });
    for await (const piece of audio) {
      if (sentence.phrase !== 'filler') voice.filler?.answering();
      speech.add(piece);
      added = true;
    }
    return added ? 'spoken' : 'failed';
  } catch (error) {
    report(voice, 'synthesis', error);
    return isCancelled(error) ? 'stopped' : 'failed';
  } finally {
    if (added) speech.endSentence(sentence.text);
  }
}

function settle(speech: Speech): Promise<Playout> {
  speech.finish();
  return speech.done;
}

function reportFirstSound(voice: Voice, speech: Speech): void {
  if (voice.turn.turnIndex === 0) void speech.firstHeardAtMs.then((atMs) => voice.listener.greetingHeard(atMs));
}

function report(voice: Voice, stage: 'reply' | 'synthesis', error: unknown): void {
  if (!isCancelled(error)) voice.listener.providerFailed(voice.turn.turnIndex, stage, error);
}
