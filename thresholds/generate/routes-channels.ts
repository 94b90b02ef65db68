import { isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLParseError } from 'yaml';
import { z } from 'zod';
import { findNearest } from '../nearest.ts';
import { ThresholdsError, type ThresholdsProblem } from '../problems.ts';

const text = z.string().min(1);
const file = z.string().regex(/^\//, 'expected the absolute path of a file that holds the secret');

const channel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pagerduty'), routing_key_file: file }),
  z.strictObject({ type: z.literal('slack'), url_file: file, channel: text.optional() }),
  z.strictObject({
    type: z.literal('email'),
    to: text,
    from: text,
    smarthost: z.string().regex(/^.+:\d+$/, 'expected host:port'),
    username: text.optional(),
    password_file: file.optional(),
  }),
  z.strictObject({ type: z.literal('webhook'), url_file: file, token_file: file.optional() }),
]);

const names = z.array(text);
const schema = z.strictObject({
  version: z.literal(1),
  roles: z.strictObject({ page: names, team: names, chat: names, watchdog: names }),
  channels: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected small letters, digits and hyphens'), channel),
});

/** One way to tell people: its kind, its addresses, and the files that hold its secrets. */
export type Channel = z.infer<typeof channel>;

/** What is told to somebody: `page` wakes, `team` is read in working hours, `chat` only informs, `watchdog` expects a sign of life. */
export type Role = keyof z.infer<typeof schema>['roles'];

/** `collector/alertmanager/receivers.yaml`: the channels of each role. */
export type Receivers = {
  readonly roles: Readonly<Record<Role, readonly string[]>>;
  readonly channels: Readonly<Record<string, Channel>>;
};

/**
 * Reads and checks who is told what.
 * @param source YAML
 * @param path of the file, for its problems
 * @throws ThresholdsError with every problem and its line
 */
export function readReceivers(source: string, path: string): Receivers {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true });
  const refuse = (found: readonly Found[]) => {
    const problems = found.map(({ at, offset, ...rest }): ThresholdsProblem => {
      const { line, col } = lines.linePos(offset ?? offsetOf(document.contents, at));
      return { line: Math.max(1, line), column: Math.max(1, col), path: at.join('.'), ...rest };
    });
    return new ThresholdsError(path, problems);
  };
  if (document.errors.length > 0) {
    const tabs = document.errors.filter(({ code }) => code === 'TAB_AS_INDENT');
    // A tab makes what follows it wrong, too.
    const told = tabs.length > 0 ? tabs : document.errors;
    throw refuse(told.map((error) => ({ at: [], offset: error.pos[0], reason: explainSyntax(error) })));
  }
  const checked = schema.safeParse(document.toJS({ maxAliasCount: 10 }));
  if (!checked.success) {
    throw refuse(checked.error.issues.flatMap(explainIssue));
  }
  const wrong = [...listUnknown(checked.data), ...listSilenced(checked.data)];
  if (wrong.length > 0) throw refuse(wrong);
  return checked.data;
}

type Found = {
  readonly at: readonly string[];
  readonly offset?: number;
  readonly reason: string;
  readonly nearest?: string;
};

function listUnknown({ roles, channels }: Receivers): readonly Found[] {
  const known = Object.keys(channels);
  return Object.entries(roles).flatMap(([role, channelNames]) =>
    channelNames.flatMap((name, index) => {
      if (channels[name] !== undefined) return [];
      const nearest = findNearest(name, known);
      const reason = `channel ${name} is not under channels`;
      return [{ at: ['roles', role, String(index)], reason, ...(nearest !== undefined && { nearest }) }];
    }),
  );
}

/** A critical alarm goes to `page` and to `team`: somebody hears it, and nobody hears it twice. */
function listSilenced({ roles }: Receivers): readonly Found[] {
  const twice = roles.page.filter((name) => roles.team.includes(name));
  const found: Found[] = twice.map((name) => ({
    at: ['roles', 'page'],
    reason: `${name} is in team as well, which hears critical alarms too: it would be told of each one twice`,
  }));
  if (roles.chat.length > 0 && roles.page.length + roles.team.length === 0) {
    found.push({
      at: ['roles'],
      reason: 'chat hears of one slow execution, but nobody of a critical alarm: page or team needs a channel',
    });
  }
  return found;
}

function explainSyntax({ code, message }: YAMLParseError): string {
  if (code === 'TAB_AS_INDENT') return 'begins with a tab: YAML is indented with spaces';
  return message.split('\n', 1)[0] ?? message;
}

const KINDS = channel.options.map(({ shape }) => shape.type.value);

/** A key that holds a secret itself, by the key that names its file. */
const SECRETS: ReadonlyMap<string, string> = new Map(
  ['routing_key', 'url', 'password', 'token'].map((key) => [key, `${key}_file`]),
);

function explainIssue(issue: z.core.$ZodIssue): readonly Found[] {
  const at = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key): Found => {
      const names = SECRETS.get(key);
      const reason = names ? `a secret stands in a file of its own: ${names} names it` : 'is no known name';
      return { at: [...at, key], reason };
    });
  }
  if (issue.code === 'invalid_union') return [{ at, reason: `must be ${KINDS.join(' or ')}` }];
  if (issue.message.endsWith('received undefined')) return [{ at, reason: 'is missing' }];
  return [{ at, reason: issue.message.replace(/^Invalid input: expected/, 'must be') }];
}

/** Where a key stands, or the nearest one above it that is there. */
function offsetOf(contents: unknown, at: readonly string[]): number {
  let node: unknown = contents;
  let offset = 0;
  for (const key of at) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    }
  }
  return offset;
}
