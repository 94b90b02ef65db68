import { existsSync, readFileSync } from 'node:fs';

/** A JSON report that a tool wrote, or undefined where there is none. */
export function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
