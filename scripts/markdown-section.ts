/** A part of a page that a command writes. */
export type Section = {
  /** The page's path, as the error names it. */
  readonly document: string;
  /** Of the marks `<!-- generated: name -->` and `<!-- /generated: name -->`. */
  readonly name: string;
};

/**
 * The page with other text between the section's two marks; everything else stays.
 * @throws Error when the page has no such marks
 */
export function replaceSection(page: string, { document, name }: Section, text: string): string {
  const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- /generated: ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} has no lines "${begin}" and "${end}"`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}
