import type { Finding } from './finding.ts';

/** One line a finding: level, where, what, and the way out behind `->`. */
export function formatFinding({ level, what, where, wayOut }: Finding): string {
  const line = `${level.padEnd(8)} ${oneLine(where)}: ${oneLine(what)}`;
  return level === 'ok' || wayOut === '' ? line : `${line} -> ${oneLine(wayOut)}`;
}

/** `12 looked at: 1 error, 2 warnings`. */
export function formatSum(findings: readonly Finding[]): string {
  const { errors, warnings } = countLevels(findings);
  const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  return `${findings.length} looked at: ${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
}

/** Everything as one JSON object. */
export function formatJson(findings: readonly Finding[]): string {
  return JSON.stringify({ ...countLevels(findings), findings });
}

/** How many findings are errors, and how many warnings. */
export function countLevels(findings: readonly Finding[]): { readonly errors: number; readonly warnings: number } {
  const count = (level: string) => findings.filter((finding) => finding.level === level).length;
  return { errors: count('error'), warnings: count('warning') };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
