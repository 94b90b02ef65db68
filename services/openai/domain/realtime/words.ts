import { type Message, messageText } from '../chat/messages.ts';

/** How instructions ask for a voice instead of an answer, in either language. */
const VOICE =
  /verbatim|word[- ]for[- ]word|exactly|(?:read|say|speak)\b[^.:]*\baloud|mot (?:à|pour) mot|exactement|à voix haute|tel(?:le)?s? quel/iu;

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
 * The words to say where the model is used as a voice: its instructions ask for something word for word (exactly, verbatim, aloud,
 * mot pour mot, ...). The words are the user's text in the response's own input; else what follows the colon in its own
 * instructions; else the user's last text in the conversation. Null where an answer is wanted.
 */
export function findWordsToSay({ own, session, input, conversation }: VoiceRequest): string | null {
  const asked = own ?? session;
  const marker = VOICE.exec(asked);
  if (!marker) return null;
  const given = input?.filter(isTyped) ?? [];
  if (given.length > 0) return given.map(messageText).join(' ');
  const colon = own === null ? -1 : asked.indexOf(':', marker.index);
  const words = colon === -1 ? '' : unquote(asked.slice(colon + 1));
  if (words !== '') return words;
  const last = (input ?? conversation).findLast(isTyped);
  return last ? messageText(last) : null;
}
