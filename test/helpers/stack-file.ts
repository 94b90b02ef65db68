import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The text of a file of Loki or Tempo as `-config.expand-env` makes it: `${NAME:-default}`. */
export function expandVariables(text: string, env: Readonly<Record<string, string>> = {}): string {
  return text.replace(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, otherwise: string) => env[name] || otherwise);
}

/** A YAML file of the stack, its variables replaced. */
export function readStackFile<T>(file: string, env: Readonly<Record<string, string>> = {}): T {
  return parse(expandVariables(readFileSync(file, 'utf8'), env)) as T;
}

/** A length of time as engines write it (`45m`, `2100s`, `30d`), in seconds. */
export function toSeconds(duration: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  if (unit === undefined) throw new Error(`"${duration}" is no length of time`);
  return Number(count) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
}

/** The paths of what differs between two documents: `common.storage.s3`. */
export function listDifferences(one: unknown, other: unknown, at = ''): readonly string[] {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return one === other ? [] : [at];
  }
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => listDifferences(left[key], right[key], at === '' ? key : `${at}.${key}`));
}
