import { join } from 'node:path';
import type { Logger } from 'callspan';
import type { RecordsConfig } from '../../services/records/config.ts';

export type Json = Record<string, unknown>;
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Json };

/** An id in good order that no record has. */
export const UNKNOWN_ID = '01a1fd72-66bd-731a-b003-ffffffffffff';
/** Any free port on loopback, no token; SQLite in `folder` unless a database is given. */
export const makeRecordsConfig = (folder: string, databaseUrl?: string): RecordsConfig => ({
  host: '127.0.0.1',
  port: 0,
  databaseUrl,
  sqliteFile: join(folder, 'records', 'records.db'),
  token: undefined,
});

/** One written line. */
export type Line = { readonly message: string; readonly fields: Json };

/** A logger that keeps its lines. */
export function createLineLogger(lines: Line[]): Logger {
  const keep = (message: string, fields: Json = {}) => void lines.push({ message, fields });
  return { debug: keep, info: keep, warn: keep, error: keep };
}

/** One request, its JSON read. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
}

/** `POST /records`; a string goes as it is, anything else as JSON. */
export const postRecord = (url: string, key: string | undefined, body: unknown, headers: Record<string, string> = {}) =>
  ask(`${url}/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
