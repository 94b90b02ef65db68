/** A text shorter than this is not worth a request of its own to the voice. */
const MIN_SENTENCE_LENGTH = 12;
const SENTENCE_END = /[.!?…](?=\s|$)/g;

/** Cuts streamed text into sentences: each is given on as soon as it is complete. */
export type SentenceSplitter = {
  /** The sentences that `text` completed. */
  push(text: string): string[];
  /** What is left when the stream has ended. */
  flush(): string[];
};

export function createSentenceSplitter(): SentenceSplitter {
  let rest = '';
  return {
    push(text) {
      rest += text;
      const sentences: string[] = [];
      let start = 0;
      for (const match of rest.matchAll(SENTENCE_END)) {
        const end = match.index + 1;
        const sentence = rest.slice(start, end).trim();
        // A full stop at the very end may be the middle of "12.5": wait for what follows.
        if (end === rest.length || sentence.length < MIN_SENTENCE_LENGTH) continue;
        sentences.push(sentence);
        start = end;
      }
      rest = rest.slice(start);
      return sentences;
    },
    flush() {
      const last = rest.trim();
      rest = '';
      return last ? [last] : [];
    },
  };
}
