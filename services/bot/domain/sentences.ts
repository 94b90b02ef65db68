/** A text shorter than this is not worth a request of its own to the voice. */
const MIN_SENTENCE_LENGTH = 12;
const SENTENCE_END = /[.!?…](?=\s|$)/g;
/** The caller waits for the first sound: a first clause of this length is spoken before its sentence is complete. */
const MIN_FIRST_CLAUSE_LENGTH = 15;
const CLAUSE_END = /[,;:](?=\s)/g;

/** Cuts streamed text into sentences: each is given on as soon as it is complete. */
export type SentenceSplitter = {
  /** The sentences that `text` completed. */
  push(text: string): string[];
  /** What is left when the stream has ended. */
  flush(): string[];
};

export function createSentenceSplitter(): SentenceSplitter {
  let rest = '';
  let first = true;
  /** The first clause that is long enough, or undefined: a sentence that ends before it goes first. */
  const takeFirstClause = (): string | undefined => {
    const clause = [...rest.matchAll(CLAUSE_END)].find((match) => match.index + 1 >= MIN_FIRST_CLAUSE_LENGTH);
    if (!clause || rest.slice(0, clause.index).search(/[.!?…]\s/) >= 0) return undefined;
    const text = rest.slice(0, clause.index + 1).trim();
    rest = rest.slice(clause.index + 1);
    return text;
  };
  return {
    push(text) {
      rest += text;
      const sentences: string[] = [];
      const clause = first ? takeFirstClause() : undefined;
      if (clause) sentences.push(clause);
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
      if (sentences.length > 0) first = false;
      return sentences;
    },
    flush() {
      const last = rest.trim();
      rest = '';
      return last ? [last] : [];
    },
  };
}
