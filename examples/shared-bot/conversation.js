import { toFile } from 'openai';
import { toTelephone, toWav } from './audio.js';
import { Ears } from './ears.js';

const GREETING = 'Hello, how can I help you?';
const INSTRUCTIONS = 'You answer the telephone of a plumber. Reply in one or two short sentences.';

/** What a bot does at the turns of a call when nobody measures them. */
const UNMEASURED = { committed() {}, end() {}, run: (work) => work() };

/**
 * One phone call over a Twilio media stream: hears by /audio/transcriptions, thinks by /chat/completions, speaks by /audio/speech. Nothing of
 * Callspan is in here. `startTurn(index)` lets a bot follow: its result is told when the caller's speech is over (`committed`), when the turn has
 * ended (`end('completed' | 'interrupted')`), and runs the work of the turn (`run`).
 */
export class Conversation {
  #turn = { index: -1, ...UNMEASURED, abort: new AbortController() };
  #messages = [{ role: 'system', content: INSTRUCTIONS }];
  #ears = new Ears({ onSpeech: () => this.#begin(), onUtterance: (frames) => this.#answer(frames) });

  constructor({ openai, socket, streamSid, startTurn = () => UNMEASURED }) {
    Object.assign(this, { openai, socket, streamSid, startTurn });
  }

  greet() {
    const turn = this.#begin();
    turn.run(() => this.#say(turn, GREETING).then(() => this.#finish(turn), logUnlessStopped));
  }

  hear(payload) {
    this.#ears.hear(Buffer.from(payload, 'base64'));
  }

  /** A mark came back: everything before it has been played. */
  played(name) {
    if (name === `turn-${this.#turn.index}`) this.#turn.end('completed');
  }

  close() {
    this.#turn.abort.abort();
  }

  /** The caller speaks (or the bot greets): whatever the bot was doing or saying is over. */
  #begin() {
    this.#turn.abort.abort();
    if (this.#turn.index >= 0) this.#send({ event: 'clear' });
    this.#turn.end('interrupted');
    const index = this.#turn.index + 1;
    this.#turn = { ...this.startTurn(index), index, abort: new AbortController() };
    return this.#turn;
  }

  #answer(frames) {
    const turn = this.#turn;
    turn.committed();
    turn.run(() => this.#reply(turn, frames).catch(logUnlessStopped));
  }

  async #reply(turn, frames) {
    const { signal } = turn.abort;
    const file = await toFile(toWav(frames), 'utterance.wav');
    const { text } = await this.openai.audio.transcriptions.create({ file, model: 'gpt-transcribe' }, { signal });
    if (text === '') return turn.end('completed');
    this.#messages.push({ role: 'user', content: text });
    const chunks = await this.openai.chat.completions.create(
      {
        model: 'gpt-6-luna',
        reasoning_effort: 'none',
        messages: this.#messages,
        stream: true,
        stream_options: { include_usage: true },
      },
      { signal },
    );
    let sentence = '';
    let reply = '';
    for await (const chunk of chunks) {
      sentence += chunk.choices[0]?.delta.content ?? '';
      // Speaking begins with the first sentence, not with the last.
      const end = /[.!?]\s/.exec(sentence)?.index;
      if (end === undefined) continue;
      reply += sentence.slice(0, end + 2);
      await this.#say(turn, sentence.slice(0, end + 1));
      sentence = sentence.slice(end + 2);
    }
    if (sentence.trim() !== '') await this.#say(turn, sentence);
    this.#messages.push({ role: 'assistant', content: reply + sentence });
    this.#finish(turn);
  }

  async #say(turn, text) {
    const { signal } = turn.abort;
    const speech = await this.openai.audio.speech.create(
      { model: 'gpt-4o-mini-tts', voice: 'alloy', input: text, response_format: 'pcm' },
      { signal },
    );
    for await (const mulaw of toTelephone(speech.body)) {
      signal.throwIfAborted();
      this.#send({ event: 'media', media: { payload: mulaw.toString('base64') } });
    }
  }

  #finish(turn) {
    this.#send({ event: 'mark', mark: { name: `turn-${turn.index}` } });
  }

  #send(message) {
    if (this.socket.readyState === this.socket.OPEN)
      this.socket.send(JSON.stringify({ ...message, streamSid: this.streamSid }));
  }
}

function logUnlessStopped(error) {
  if (error.name !== 'AbortError' && error.constructor.name !== 'APIUserAbortError') console.error(error);
}
