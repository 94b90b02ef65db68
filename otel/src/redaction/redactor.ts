import { isDeepStrictEqual } from 'node:util';
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { CaptureLevel } from '../sdk/config.ts';
import { addedTo, copyEnvironment, readRedactionConfig } from './config.ts';
import { checkedId, checkedLabel } from './ids.ts';
import { type KeyKind, kindOfKey } from './keys.ts';
import { toPlainData } from './plain-data.ts';
import { withoutQuoted } from './quoted.ts';
import { createRecentSet } from './recent-set.ts';
import { redactText, type TextRules } from './redact-text.ts';

/**
 * Takes secrets, and below capture `full` personal data, out of what leaves the process. What it puts in their place is
 * a word in angle brackets (`<phone:9f86d081884c7d65>`, `<email>`, `<secret>`); doing it twice changes nothing more. Never throws.
 */
export type Redactor = {
  readonly level: CaptureLevel;
  /** Free text: exception messages, log lines, URLs. Beyond 32 KiB it is cut. */
  text(value: string): string;
  /** Free text without personal data at every level, for what is to be kept masked where all else is kept in full. */
  maskedText(value: string): string;
  /** By key and by value; the same object when nothing changes. Client addresses are left out. */
  attributes<T extends Attributes>(attributes: T): T;
  /** The value of one field as plain data: circular, huge, hostile and throwing objects become something that JSON can hold. */
  fields(value: unknown): unknown;
  /** The text of a label of a metric, at every level: what has no id's shape (blanks are none) is `<invalid>`. */
  label(value: string): string;
};

/** How much is kept, and what else is a secret here. */
export type RedactorOptions = {
  readonly level: CaptureLevel;
  /** Key of the keyed form of telephone numbers; without it they are all `<phone>`. */
  readonly hmacKey?: string | undefined;
  /** Secrets of the process, replaced by value wherever they stand; those under 12 characters are ignored. */
  readonly secrets?: readonly string[];
  /** IP addresses of the operator's own machines, which stay readable. */
  readonly ownAddresses?: readonly string[];
};

/** Shorter ones are words that lines have anyway. */
const MIN_SECRET_LENGTH = 12;
/** Models, tools and reasons recur, names of spans and bodies of lines, too; only what is nobody's is remembered. */
const MAX_SAFE = 500;
const MAX_SAFE_TEXT_LENGTH = 64;
/** Labels recur: what was found of one is remembered, for so many. */
const MAX_LABELS = 1000;
const MAX_LABEL_LENGTH = 128;
/** Of attributes: they are looked up by each of them. */
const MAX_KEYS = 2000;
/** What is put in place of a value whose redaction failed. */
const FAILED = '<masked>';

/** Makes a redactor. */
export function createRedactor({ level, hmacKey, secrets = [], ownAddresses = [] }: RedactorOptions): Redactor {
  const rules: TextRules = {
    personal: level !== 'full',
    hmacKey: hmacKey || undefined,
    secrets: secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH),
    ownAddresses: new Set(ownAddresses),
  };
  const text = createTextRedactor(rules);
  const maskedText = rules.personal ? text : createTextRedactor({ ...rules, personal: true });
  const safeIds = createRecentSet(MAX_SAFE);
  const id = (value: string): string => {
    if (safeIds.has(value)) return value;
    const checked = checkedId(value, text);
    if (checked === value) safeIds.add(value);
    return checked;
  };
  const tools: Tools = { text, id, rules };
  const valueUnder = (key: string, value: unknown): unknown => redactValue(kindOfKey(key), value, tools);
  const knownKeys = new Map<string, Key>();
  const keyOf = (name: string): Key => {
    const known = knownKeys.get(name);
    if (known) return known;
    const key = redactedKey(name, text);
    // Only what is nobody's is remembered.
    if (key.name === name && knownKeys.size < MAX_KEYS && name.length <= MAX_LABEL_LENGTH) knownKeys.set(name, key);
    return key;
  };
  const plainData = { text, valueUnder };
  return {
    level,
    text,
    maskedText,
    attributes: (attributes) => redactAttributes(attributes, { keyOf, tools }),
    fields(value) {
      try {
        return toPlainData(value, plainData);
      } catch {
        return FAILED;
      }
    },
    label: createLabelRedactor(text),
  };
}

function createLabelRedactor(text: (value: string) => string): (value: string) => string {
  const known = new Map<string, string>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const kept = checkedLabel(value, text);
    if (known.size < MAX_LABELS && value.length <= MAX_LABEL_LENGTH) known.set(value, kept);
    return kept;
  };
}

function createTextRedactor(rules: TextRules): (value: string) => string {
  const safeTexts = createRecentSet(MAX_SAFE);
  return (value) => {
    if (safeTexts.has(value)) return value;
    try {
      const safe = redactText(value, rules);
      if (safe === value && value.length <= MAX_SAFE_TEXT_LENGTH) safeTexts.add(value);
      return safe;
    } catch {
      return FAILED;
    }
  };
}

type Tools = {
  readonly text: (value: string) => string;
  readonly id: (value: string) => string;
  readonly rules: TextRules;
};

/** What a key says of its value, and how it may be written itself. */
type Key = { readonly name: string; readonly kind: KeyKind };

/** Keys of the contract are nobody's; any other may have been made of what somebody said. */
function redactedKey(name: string, text: (value: string) => string): Key {
  const kind = kindOfKey(name);
  if (kind.kind === 'closed') return { name, kind };
  const safe = text(name);
  // Read as it would be read a second time, unless its own words say more.
  return { name: safe, kind: safe === name || kind.kind !== 'open' ? kind : kindOfKey(safe) };
}

/** The value as it may be kept under a key of this kind; undefined when the key is not kept at all. */
function redactValue(kind: KeyKind, value: unknown, tools: Tools): unknown {
  const isText = typeof value === 'string';
  if (kind.kind === 'dropped') return undefined;
  if (value === null || typeof value === 'boolean' || value === '') return value;
  if (kind.kind === 'secret') return '<secret>';
  if (!tools.rules.personal && !Array.isArray(value)) return isText ? tools.text(value) : value;
  if (tools.rules.personal) {
    if (kind.kind === 'closed') return value;
    if (kind.kind === 'content') return '<content>';
    if (kind.kind === 'personal') return kind.label === 'phone' ? phoneValue(value, tools) : `<${kind.label}>`;
  }
  if (Array.isArray(value)) return redactList(value, (item) => redactValue(kind, item, tools));
  if (!isText) return value;
  if (kind.kind === 'id') return tools.id(value);
  if (kind.kind === 'url') return tools.text(value.replace(/\?.*$/s, '?<query>'));
  if (kind.kind === 'host') return HOST_SHAPE.test(value) ? value : '<invalid>';
  if (kind.kind === 'error') return tools.text(withoutQuoted(value));
  if (kind.kind === 'sql') return tools.text(value.replace(/'(?:[^']|'')*'/g, '?').replace(/\b\d{4,}\b/g, '?'));
  return tools.text(value);
}

/** A host comes from a header where a server says whom it was asked as; numbers alone are no host. */
const HOST_SHAPE = /^(?!\d{7,}$)[\w.:[\]-]{1,253}$/;

function phoneValue(value: unknown, { text }: Tools): string {
  const written = String(value);
  if (/^[0-9a-f]{16}$/.test(written)) return written;
  const safe = text(written);
  return safe !== written && /^<phone(?::[0-9a-f]{16})?>$/.test(safe) ? safe : '<phone>';
}

function redactList(list: readonly unknown[], redact: (item: unknown) => unknown): readonly unknown[] {
  const safe = list.map(redact);
  return safe.every((item, index) => item === list[index]) ? list : safe;
}

type AttributeTools = { readonly keyOf: (name: string) => Key; readonly tools: Tools };

function redactAttributes<T extends Attributes>(attributes: T, { keyOf, tools }: AttributeTools): T {
  let safe: Attributes | undefined;
  for (const name in attributes) {
    const value = attributes[name];
    const key = keyOf(name);
    const kept = keptValue(key.kind, value, tools);
    if (key.name === name && Object.is(kept, value)) continue;
    safe ??= { ...attributes };
    if (key.name !== name || kept === undefined) delete safe[name];
    if (kept !== undefined) safe[key.name] = kept;
  }
  return (safe ?? attributes) as T;
}

function keptValue(kind: KeyKind, value: unknown, tools: Tools): AttributeValue | undefined {
  try {
    return redactValue(kind, value, tools) as AttributeValue | undefined;
  } catch {
    return FAILED;
  }
}

type OfProcess = { readonly redactor: Redactor; renew(): void };

let ofProcess: OfProcess | undefined;

/**
 * The redactor of this process: level `CALLSPAN_CAPTURE` (unset: `off`), key `CALLSPAN_HMAC_KEY` or the file that
 * `CALLSPAN_HMAC_KEY_FILE` names, the values of all variables that are named like secrets, and the addresses of those that
 * say where services are. Made once; what `renewProcessRedactor` finds later, it knows from then on.
 * @throws Error naming the variable when the level has no meaning or the file cannot be read
 */
export function processRedactor(): Redactor {
  ofProcess ??= openOfProcess();
  return ofProcess.redactor;
}

/**
 * The same, after another look at the environment: an application that reads a `.env` itself does so when the preload has
 * made the redactor already. The level stays as it was; a secret stays one, also when its variable is gone.
 * @throws Error naming the variable when its file cannot be read
 */
export function renewProcessRedactor(): Redactor {
  const redactor = processRedactor();
  ofProcess?.renew();
  return redactor;
}

/** The same where nobody may be thrown at. Under `callspan/register` the kit is older than the application's first line. */
export function knowLateSecrets(): void {
  try {
    renewProcessRedactor();
  } catch {
    // What was known before still is.
  }
}

function openOfProcess(): OfProcess {
  const isSecret = (name: string) => kindOfKey(name).kind === 'secret';
  let env = copyEnvironment();
  let config = readRedactionConfig(isSecret, env);
  // Replaced as a whole: what one has found safe may be a secret to the next.
  let current = createRedactor(config);
  return {
    redactor: {
      level: config.level,
      text: (value) => current.text(value),
      maskedText: (value) => current.maskedText(value),
      attributes: (attributes) => current.attributes(attributes),
      fields: (value) => current.fields(value),
      label: (value) => current.label(value),
    },
    renew() {
      const now = copyEnvironment();
      if (isDeepStrictEqual(now, env)) return;
      config = addedTo(config, readRedactionConfig(isSecret, { ...now, CALLSPAN_CAPTURE: config.level }));
      env = now;
      current = createRedactor(config);
    },
  };
}
