import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the corpus, ready to be indexed. */
export type CorpusLine = {
  /** `en.md:7` */
  readonly source: string;
  readonly language: string;
  /** The heading that the line stands under, with the words by which callers ask for it. */
  readonly topic: string;
  readonly text: string;
};

/**
 * Reads every `LANGUAGE.md` of a folder: `##` headings are topics, each `-` line is a passage, the rest is for people.
 * @throws when the folder cannot be read or holds no passage
 */
export function readCorpus(folder: string): CorpusLine[] {
  const files = readdirSync(folder).filter((file) => /^[a-z]{2}\.md$/.test(file));
  const lines = files.sort().flatMap((file) => parseCorpus(file, readFileSync(join(folder, file), 'utf8')));
  if (lines.length === 0) throw new Error(`${folder} holds no passage: lines that begin with "- " in fr.md or en.md`);
  return lines;
}

function parseCorpus(file: string, content: string): CorpusLine[] {
  let topic = '';
  return content.split(/\r?\n/).flatMap((line, index) => {
    if (line.startsWith('## ')) topic = line.slice(3).trim();
    const text = /^[-*]\s+(\S.*)$/.exec(line)?.[1]?.trim();
    return text ? [{ source: `${file}:${index + 1}`, language: file.slice(0, 2), topic, text }] : [];
  });
}
