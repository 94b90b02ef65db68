// The table of docs/production.md: which engine executes which file of the stack, from scripts/stack-files.ts.
import { replaceSection } from './markdown-section.ts';
import { STACK_FILES } from './stack-files.ts';
import { STACK_ENGINES, type StackFile, type StackProof } from './stack-proofs.ts';

/**
 * A page with the table between its two marks; everything else stays.
 * @throws Error when the page has no such marks
 */
export function fillEnginesTable(page: string): string {
  return replaceSection(page, { document: 'docs/production.md', name: 'engines' }, generateEnginesTable());
}

/** The table alone, Markdown; the same for the same list. */
export function generateEnginesTable(): string {
  return [
    '| file | for | executed by | what that shows | test |',
    '|---|---|---|---|---|',
    ...STACK_FILES.flatMap((file) => file.proofs.map((proof, index) => describe(file, proof, index === 0))),
  ].join('\n');
}

function describe({ path, what }: StackFile, proof: StackProof, isFirst: boolean): string {
  const refused = proof.command || proof.isRefusedBroken ? '; a copy with a fault in it is refused' : '';
  const cells = [
    isFirst ? `\`${path}\`` : '',
    isFirst ? what : '',
    proof.engine ? nameOf(proof.engine) : 'none, **only checked**',
    `${proof.shows}${refused}`,
    `\`${proof.test.replace(/^test\//, '')}\``,
  ];
  return `| ${cells.join(' | ')} |`;
}

function nameOf(engine: keyof typeof STACK_ENGINES): string {
  const { name, version, inStack } = { inStack: undefined, ...STACK_ENGINES[engine] };
  return `${name} ${version}${inStack ? ` (in the stack: ${inStack})` : ''}`;
}
