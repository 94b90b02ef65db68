import { EXTRACTION_BUDGET_MS, withDeadline } from './deadline.ts';
import type { CallOnLine, ConversationDeps } from './deps.ts';
import type { Utterance } from './ears.ts';
import { isCancelled, ProviderError } from './errors.ts';
import { createFiller, type Filler } from './filler.ts';
import { languageOfText } from './language.ts';
import { createLiveEar, type LiveEar, type LiveTranscript } from './live-ear.ts';
import type { Mouth } from './mouth.ts';
import type { Language, Message, PhraseKey, Playout, TurnRef } from './ports.ts';
import { extractionMessages, type PromptContext, replyMessages } from './prompt.ts';
import type { Extraction } from './record.ts';
import { retrievePassages } from './retrieve.ts';
import { type SavedRecord, saveRecord } from './save.ts';
import { transcribe } from './transcribe.ts';
import { answerAloud, sayPhrase, type Voice } from './voice.ts';

/** So many turns in a row that no provider could serve end the call with an apology. */
const MAX_FAILED_TURNS = 3;
/** So many silences in a row are answered, then the bot says goodbye. */
const MAX_SILENCES = 2;

export type DialogueOptions = {
  readonly deps: ConversationDeps;
  readonly call: CallOnLine;
  readonly mouth: Mouth;
  /** Aborted at the end of the call. */
  readonly signal: AbortSignal;
  readonly hangUp: () => void;
};

/** An utterance whose transcript may be on its way already. */
type Streamed = Utterance & { readonly live: LiveTranscript | undefined };

type TurnWork = (turn: TurnRef, abort: AbortSignal) => Promise<Playout | undefined>;

/** The turns of one call, one after the other, and what came of them. */
export class Dialogue {
  readonly #options: DialogueOptions;
  readonly #history: Message[] = [];
  readonly #liveEar: LiveEar;
  #language: Language;
  #turnIndex = -1;
  /** The turn that the caller has begun and not finished. */
  #begun: number | undefined;
  #heardTurns = 0;
  #failedTurns = 0;
  #silences = 0;
  #givenUp = false;
  #saved: SavedRecord | undefined;
  #extraction: Promise<Extraction | undefined> = Promise.resolve(undefined);
  #current: AbortController | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(options: DialogueOptions) {
    this.#options = options;
    this.#language = options.call.language;
    this.#liveEar = createLiveEar(options.deps.liveTranscriber);
  }

  /** The turn that is going on or was the last; 0 is the greeting. */
  get turnIndex(): number {
    return Math.max(0, this.#turnIndex);
  }

  /** Turns in which the caller was understood. */
  get heardTurns(): number {
    return this.#heardTurns;
  }

  /** True when provider failures ended the call. */
  get givenUp(): boolean {
    return this.#givenUp;
  }

  /** The record on disk, once there is one. */
  get saved(): SavedRecord | undefined {
    return this.#saved;
  }

  /** The newest extraction, when one has been started; never rejects. */
  get extraction(): Promise<Extraction | undefined> {
    return this.#extraction;
  }

  /** Turn 0. */
  greet(): Promise<void> {
    return this.#runTurn(this.#options.deps.clock.now(), (turn, abort) =>
      this.#say(this.#voice(turn, abort), 'greeting'),
    );
  }

  /** A turn of the caller. */
  answer(utterance: Utterance): Promise<void> {
    this.#options.call.listener.callerSpoke(this.#begun ?? this.turnIndex);
    const live = this.#liveEar.finish();
    return this.#runTurn(utterance.startedAtMs, (turn, abort) => this.#answer(turn, { ...utterance, live }, abort));
  }

  /** Nobody has said anything for a while: asks, and after the second time says goodbye. */
  promptSilence(): Promise<void> {
    return this.#runTurn(this.#options.deps.clock.now(), (turn, abort) => {
      const voice = this.#voice(turn, abort);
      this.#silences += 1;
      return this.#silences > MAX_SILENCES
        ? this.#sayAndHangUp(voice, 'silentGoodbye')
        : this.#say(voice, 'stillThere');
    });
  }

  /** The caller begins to speak: their turn begins now, and is answered when they have finished. */
  callerBegins(onsetAtMs: number, preroll: readonly Int16Array[]): void {
    const { callSid } = this.#options.call;
    this.#begun = this.#begin(onsetAtMs);
    this.#liveEar.begin({ callSid, turnIndex: this.#begun }, this.#language, preroll);
  }

  /** A further 20 ms of what the caller says. */
  callerSpeaks(frame: Int16Array): void {
    this.#liveEar.hear(frame);
  }

  /** Stops the turn that is going on: the caller speaks. What was heard stays in the conversation. */
  interrupt(): void {
    this.#current?.abort(new ProviderError('cancelled', 'the caller speaks'));
  }

  /** Resolves when no turn is going on. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** Runs a turn after the one before has ended; its trace ends with it whatever happens. */
  #runTurn(startedAtMs: number, work: TurnWork): Promise<void> {
    const { call, signal } = this.#options;
    const turnIndex = this.#begun ?? this.#begin(startedAtMs);
    this.#begun = undefined;
    const turn = { callSid: call.callSid, turnIndex };
    const controller = new AbortController();
    this.#current = controller;
    const previous = this.#last;
    this.#last = previous.then(() => this.#finishTurn(turn, AbortSignal.any([signal, controller.signal]), work));
    return this.#last;
  }

  #begin(startedAtMs: number): number {
    this.#turnIndex += 1;
    this.#options.call.listener.turnStarted(this.#turnIndex, startedAtMs);
    return this.#turnIndex;
  }

  async #finishTurn(turn: TurnRef, abort: AbortSignal, work: TurnWork): Promise<void> {
    const { call, deps, signal } = this.#options;
    let playout: Playout | undefined;
    try {
      playout = await work(turn, abort);
    } catch (error) {
      if (!isCancelled(error)) call.listener.providerFailed(turn.turnIndex, 'reply', error);
    }
    // The goodbye that was heard to its end is a completed turn, although the call ends with it.
    const isCompleted = playout ? !playout.cleared && playout.sentMs > 0 : !abort.aborted;
    const reason = isCompleted ? 'completed' : signal.aborted ? 'session_closed' : 'interrupted';
    call.listener.turnEnded(turn.turnIndex, reason, playout?.endedAtMs ?? deps.clock.now());
  }

  async #answer(turn: TurnRef, utterance: Streamed, abort: AbortSignal): Promise<Playout | undefined> {
    const { deps, call } = this.#options;
    const { listener } = call;
    this.#silences = 0;
    const text = await transcribe({ ...utterance, deps, listener, turn, language: this.#language });
    if (text === undefined) return abort.aborted ? undefined : this.#failed(this.#voice(turn, abort));
    if (text.trim() === '') return abort.aborted ? undefined : this.#say(this.#voice(turn, abort), 'repeat');
    this.#heardTurns += 1;
    listener.said(turn.turnIndex, 'transcript', text);
    this.#history.push({ role: 'user', content: text });
    const heard = languageOfText(text, this.#language);
    if (heard !== this.#language) listener.languageHeard(heard);
    this.#language = heard;
    // The caller went on speaking: the next turn knows more. At the end of the call there is no next turn.
    if (abort.aborted && !this.#options.signal.aborted) return undefined;
    this.#startExtraction(turn);
    if (abort.aborted) return undefined;
    const voice = this.#voice(turn, abort);
    return this.#reply({ ...voice, filler: this.#filler(voice, utterance.endedAtMs) }, text);
  }

  /** Beside the reply, so that the record is ready when the caller confirms. A barge-in does not stop it: it reads, it does not speak. */
  #startExtraction(turn: TurnRef): void {
    const { deps, call } = this.#options;
    const messages = extractionMessages(this.#prompt(), [...this.#history]);
    const running = withDeadline((signal) => deps.extractor.extract({ turn, messages, signal }), {
      clock: deps.clock,
      budgetMs: EXTRACTION_BUDGET_MS,
      signal: new AbortController().signal,
    });
    const previous = this.#extraction;
    this.#extraction = running.then(
      (extraction) => {
        call.listener.extracted(turn.turnIndex, extraction);
        return extraction;
      },
      (error) => {
        call.listener.providerFailed(turn.turnIndex, 'extraction', error);
        return previous;
      },
    );
  }

  async #reply(voice: Voice, text: string): Promise<Playout> {
    const answer = await answerAloud(voice, async () => {
      const passages = await retrievePassages({ ...voice, text });
      const messages = replyMessages(this.#prompt(), this.#history, passages);
      const told = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
      voice.listener.said(voice.turn.turnIndex, 'prompt', told.join('\n'));
      return messages;
    });
    this.#remember(answer.playout);
    if (answer.tool === 'save_record') return this.#save(voice);
    if (!answer.spoke && !voice.signal.aborted) return this.#failed(voice, answer.voiceFailed);
    this.#failedTurns = 0;
    return answer.playout;
  }

  async #save(voice: Voice): Promise<Playout> {
    const { deps, call } = this.#options;
    const { turn } = voice;
    try {
      const extraction = await this.#extraction;
      if (!extraction) return this.#sayAndHangUp(voice, 'notSaved');
      this.#saved = await saveRecord(deps.outbox, { call, turn, extraction, previous: this.#saved });
    } catch (error) {
      call.listener.providerFailed(turn.turnIndex, 'save', error);
      return this.#sayAndHangUp(voice, 'notSaved');
    }
    return this.#sayAndHangUp(voice, 'noted');
  }

  #failed(voice: Voice, voiceFailed = false): Promise<Playout> {
    this.#failedTurns += 1;
    if (this.#failedTurns < MAX_FAILED_TURNS) return this.#say(voice, 'trouble', voiceFailed);
    this.#givenUp = true;
    return this.#sayAndHangUp(voice, 'apology');
  }

  async #say(voice: Voice, key: PhraseKey, recorded = false): Promise<Playout> {
    const playout = await sayPhrase(voice, key, recorded);
    this.#remember(playout);
    return playout;
  }

  async #sayAndHangUp(voice: Voice, key: PhraseKey): Promise<Playout> {
    const playout = await this.#say(voice, key);
    if (!playout.cleared && !voice.signal.aborted) this.#options.hangUp();
    return playout;
  }

  #remember(playout: Playout): void {
    if (playout.heardText) this.#history.push({ role: 'assistant', content: playout.heardText });
  }

  #voice(turn: TurnRef, signal: AbortSignal): Voice {
    const { deps, mouth, call } = this.#options;
    return { deps, mouth, turn, language: this.#language, signal, listener: call.listener };
  }

  /** Only a recorded filler: one that has to be asked for would come late itself. */
  #filler({ deps, turn, language, listener, signal }: Voice, endedAtMs: number): Filler | undefined {
    const { fillerMs } = deps.settings;
    if (fillerMs === 0 || !deps.phraseBook.find(language, 'filler')) return undefined;
    const { turnIndex } = turn;
    return createFiller({ clock: deps.clock, dueAtMs: endedAtMs + fillerMs, turnIndex, listener, signal });
  }

  #prompt(): PromptContext {
    const { deps } = this.#options;
    return { ...deps.settings, language: this.#language, now: deps.wallClock() };
  }
}
