/** What one option may be: `isRight` is asked only when it is told, `expected` says the form. */
export type OptionRule = { readonly isRight: (value: unknown) => boolean; readonly expected: string };

/**
 * Checks the options of a function against the rules of all that it knows; an option that is undefined is not told.
 * @throws TypeError naming the option, its value and the expected form; for an unknown one, the nearest that is known
 */
export function checkOptions(of: string, options: unknown, rules: Readonly<Record<string, OptionRule>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongOption(`the options of ${of}`, options, 'an object');
  }
  const known = Object.keys(rules);
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) {
      const expected = `an option of ${of}: did you mean ${nearest(name, known)}? (${known.join(', ')})`;
      throw wrongOption(name, value, expected);
    }
    if (value !== undefined && !rule.isRight(value)) throw wrongOption(name, value, rule.expected);
  }
}

/** An object, or a function, that has all of these methods. */
export function hasMethods(value: unknown, names: readonly string[]): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

/** The error of a wrong option: its name, its value, the expected form. */
export function wrongOption(name: string, value: unknown, expected: string): TypeError {
  return new TypeError(`${name} is ${shown(value)}; expected ${expected}`);
}

/** The error of a wrong argument: an object is told by its class, since it may be large. */
export function wrongArgument(argument: string, value: unknown, expected: string): TypeError {
  if (typeof value !== 'object' || value === null) return wrongOption(argument, value, expected);
  const name = (value as { readonly constructor?: { readonly name?: unknown } }).constructor?.name;
  const kind = typeof name === 'string' && name ? name : 'object';
  return new TypeError(`${argument} is ${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}; expected ${expected}`);
}

const MAX_SHOWN = 100;

function shown(value: unknown): string {
  if (value === undefined) return 'not set';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    const text = JSON.stringify(value) ?? `a ${typeof value}`;
    return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
  } catch {
    return `an ${typeof value} that cannot be shown`;
  }
}

function nearest(name: string, known: readonly string[]): string | undefined {
  return [...known].sort((one, other) => editsBetween(name, one) - editsBetween(name, other))[0];
}

/** How many letters have to be added, left out or replaced (Levenshtein). */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one.toLowerCase()].entries()) {
    const next = [index + 1];
    for (const [at, against] of [...other.toLowerCase()].entries()) {
      const replaced = (row[at] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
