import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { type CallerScript, scriptSchema } from '../domain/script.ts';

/** Why a script cannot be used: `unknown_script` (no such name) or `invalid_script` (the file is wrong). `message` is one line. */
export class ScriptError extends Error {
  readonly code: 'unknown_script' | 'invalid_script';

  constructor(code: 'unknown_script' | 'invalid_script', message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ScriptError';
    this.code = code;
  }
}

/** Where the scripts lie that come with the project. */
const SCRIPTS_FOLDER = join(import.meta.dirname, '..', 'scripts');

/** Names of all scripts of a folder, in order. */
export function listScripts(folder: string = SCRIPTS_FOLDER): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();
}

/** Reads a script by its name. @throws ScriptError naming file, path in it and reason, or the names there are. */
export function readScript(name: string, folder: string = SCRIPTS_FOLDER): CallerScript {
  const names = listScripts(folder);
  if (!names.includes(name))
    throw new ScriptError('unknown_script', `no caller script "${name}"; there are: ${names.join(', ')}`);
  const file = join(folder, `${name}.yaml`);
  return { ...parseScript(readFileSync(file, 'utf8'), file), name };
}

function parseScript(text: string, file: string): Omit<CallerScript, 'name'> {
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    const reason = cause instanceof YAMLParseError ? cause.message.split('\n', 1)[0] : String(cause);
    throw new ScriptError('invalid_script', `${file}: ${reason}`, cause);
  }
  const result = scriptSchema.safeParse(content);
  if (result.success) return result.data;
  const reasons = result.error.issues.map((issue) => `${issue.path.join('.') || 'the file'} ${issue.message}`);
  throw new ScriptError('invalid_script', `${file}: ${reasons.join('; ')}`, result.error);
}
