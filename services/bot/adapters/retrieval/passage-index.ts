import { DatabaseSync } from 'node:sqlite';
import type { Passage } from '../../domain/ports.ts';
import type { CorpusLine } from './corpus.ts';

/** What is asked of the index. */
export type PassageQuery = { readonly question: string; readonly language: string };

/** Passages by full text, best first. */
export type PassageIndex = { find(query: PassageQuery): Passage[]; close(): void };

const MAX_PASSAGES = 3;
const MAX_WORDS = 24;
const MAX_WORD_LENGTH = 40;

/** Words that stand in every question and tell nothing about it. */
const STOP_WORDS = new Set(
  `a an and are at be by can could do does for from have i in is it me my of on or please should tell that the there this to us we
  what which will with would you your au aux avec ce ces cet cette chez d dans de des du elle en est et faut il ils j je l la le les
  leur ma mes moi mon n nos notre nous on par pas pour qu que quel quelle quelles quels qui s sa se ses son sont sur t un une vos
  votre vous y a-t est-ce`.split(/\s+/),
);

/** An FTS5 table in memory (sqlite.org/fts5.html); the words of topics count half of those of the passage. */
export function openPassageIndex(lines: readonly CorpusLine[]): PassageIndex {
  const database = new DatabaseSync(':memory:');
  database.exec(
    `CREATE VIRTUAL TABLE passages USING fts5(text, topic, language UNINDEXED, source UNINDEXED, tokenize = 'unicode61 remove_diacritics 2')`,
  );
  const insert = database.prepare('INSERT INTO passages (text, topic, language, source) VALUES (?, ?, ?, ?)');
  for (const line of lines) insert.run(line.text, line.topic, line.language, line.source);
  const select = database.prepare(
    `SELECT text, source, bm25(passages, 1.0, 0.5) AS rank FROM passages
     WHERE passages MATCH ? AND language = ? ORDER BY rank, rowid LIMIT ${MAX_PASSAGES}`,
  );
  return {
    find({ question, language }) {
      const match = toMatch(question);
      if (match === null) return [];
      return select.all(match, language).map((row) => ({ text: String(row.text), source: String(row.source) }));
    },
    close: () => database.close(),
  };
}

/** Every word quoted: nothing that a caller says is an operator. Null when no word is left. */
function toMatch(question: string): string | null {
  const words =
    question
      .toWellFormed()
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => word.length <= MAX_WORD_LENGTH && !STOP_WORDS.has(word)).slice(0, MAX_WORDS);
  if (telling.length === 0) return null;
  return [...new Set(telling.map(toStem))].map((stem) => `"${stem}"*`).join(' OR ');
}

/** Singular and plural meet: the query looks for words that begin with the stem. */
function toStem(word: string): string {
  return word.length > 4 ? word.replace(/[sx]$/u, '') : word;
}
