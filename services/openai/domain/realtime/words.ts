import { type Message, messageText } from '../chat/messages.ts';

/** A sentence of instructions asks for a voice when it says to speak, and to keep to the words; in either language. */
const SPEAK =
  /(?<!\p{L})(?:read|say|speak|repeat|pronounce|voice|lis|lisez|dis|dites|prononce|prononcez|répète|répétez)(?!\p{L})/iu;
const KEEP_TO =
  /(?<!\p{L})(?:verbatim|word[- ]for[- ]word|exactly|aloud|mot (?:à|pour) mot|exactement|à voix haute|tel(?:le)?s? quel(?:le)?s?)(?!\p{L})/iu;
/** What a session's instructions must say is spoken: "repeat the number exactly" makes no voice of a model. */
const WHAT =
  /(?<!\p{L})(?:text|texte|user (?:writes|types|sends)|l'utilisateur (?:écrit|envoie)|messages?|input)(?!\p{L})/iu;

/** Where the sentence that asks for a voice says so; null when none does. */
function findVoice(instructions: string, isSession: boolean): number | null {
  for (const { 0: sentence, index } of instructions.matchAll(/[^.!?\n]+[.!?\n]?/gu)) {
    const keep = KEEP_TO.exec(sentence);
    if (keep && SPEAK.test(sentence) && (!isSession || WHAT.test(sentence))) return index + keep.index;
  }
  return null;
}

const QUOTES: readonly (readonly [open: string, close: string])[] = [
  ['"', '"'],
  ['“', '”'],
  ['«', '»'],
  ['<text>', '</text>'],
];

function unquote(text: string): string {
  const trimmed = text.trim();
  const pair = QUOTES.find(
    ([open, close]) => trimmed.length > open.length && trimmed.startsWith(open) && trimmed.endsWith(close),
  );
  return pair ? trimmed.slice(pair[0].length, trimmed.length - pair[1].length).trim() : trimmed;
}

/** What a response is made from. `own` = instructions of the response itself, `session` = of the session. */
export type VoiceRequest = {
  readonly own: string | null;
  readonly session: string;
  /** Input of the response itself; null when it goes on from the conversation. */
  readonly input: readonly Message[] | null;
  readonly conversation: readonly Message[];
};

const isTyped = (message: Message) => message.role === 'user' && messageText(message) !== '';

/**
 * The words to say where the model is used as a voice: a sentence of its instructions asks to say or read something word for word
 * (exactly, verbatim, aloud, mot pour mot, ...). The words are the user's text in the response's own input; else what follows the colon in its own
 * instructions; else the user's last text in the conversation. Null where an answer is wanted.
 */
export function findWordsToSay({ own, session, input, conversation }: VoiceRequest): string | null {
  const asked = own ?? session;
  const at = findVoice(asked, own === null);
  if (at === null) return null;
  const given = input?.filter(isTyped) ?? [];
  if (given.length > 0) return given.map(messageText).join(' ');
  const colon = own === null ? -1 : asked.indexOf(':', at);
  const words = colon === -1 ? '' : unquote(asked.slice(colon + 1));
  if (words !== '') return words;
  const last = (input ?? conversation).findLast(isTyped);
  return last ? messageText(last) : null;
}
