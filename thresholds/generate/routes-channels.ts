import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
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
    throw refuse(document.errors.map(({ message, pos }) => ({ at: [], offset: pos[0], reason: firstLine(message) })));
  }
  const checked = schema.safeParse(document.toJS({ maxAliasCount: 10 }));
  if (!checked.success) {
    throw refuse(checked.error.issues.map(({ path: at, message }) => ({ at: at.map(String), reason: message })));
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

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
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
