import { parse } from 'yaml';
import { ask, describeAnswer, isGood } from './ask.ts';

/** A way to tell somebody: `slack` of the receiver `team`. */
export type Channel = { readonly receiver: string; readonly integration: string };

/** Attempts so far by integration, and by receiver where Alertmanager tells it. */
export type Deliveries = readonly (Channel & { readonly attempts: number; readonly failed: number })[];

type Configuration = {
  readonly receivers?: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[];
};

/** The channels of a configuration of Alertmanager, as its status shows it. */
export function listChannels(configuration: string): readonly Channel[] {
  const { receivers = [] } = parse(configuration) as Configuration;
  return receivers.flatMap((receiver) =>
    Object.entries(receiver)
      .filter(([key, value]) => key.endsWith('_configs') && Array.isArray(value) && value.length > 0)
      .map(([key]) => ({ receiver: receiver.name, integration: key.replace(/_configs$/, '') })),
  );
}

const LINE = /^alertmanager_notification_requests(_failed)?_total\{([^}]*)\} (\S+)$/gm;

/**
 * Reads Alertmanager's own counters of attempts. Their `receiver_name` is there when it was started with
 * `--enable-feature=receiver-name-in-metrics`; else `receiver` is empty and all receivers are counted together.
 * @throws Error when the counters cannot be read
 */
export async function readDeliveries(alertmanager: string): Promise<Deliveries> {
  const answer = await ask(`${alertmanager}/metrics`);
  if (!isGood(answer)) throw new Error(`${alertmanager}/metrics ${describeAnswer(answer)}`);
  return parseDeliveries(answer.text);
}

/** Counters from the text of `/metrics`. */
export function parseDeliveries(text: string): Deliveries {
  const found = new Map<string, { receiver: string; integration: string; attempts: number; failed: number }>();
  for (const [, isFailed, labels = '', value] of text.matchAll(LINE)) {
    const label = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const [receiver, integration] = [label('receiver_name'), label('integration')];
    const key = `${receiver} ${integration}`;
    const entry = found.get(key) ?? { receiver, integration, attempts: 0, failed: 0 };
    entry[isFailed ? 'failed' : 'attempts'] += Number(value);
    found.set(key, entry);
  }
  return [...found.values()];
}

/** What a channel took since `before`. `isShared`: the figures are those of all receivers with this integration. */
export function countDelivered(
  { receiver, integration }: Channel,
  channels: readonly Channel[],
  { before, now }: { readonly before: Deliveries; readonly now: Deliveries },
): { readonly delivered: number; readonly failed: number; readonly isShared: boolean } {
  const isNamed = now.some((entry) => entry.receiver !== '');
  const sum = (deliveries: Deliveries, key: 'attempts' | 'failed') =>
    deliveries
      .filter((entry) => entry.integration === integration && (!isNamed || entry.receiver === receiver))
      .reduce((total, entry) => total + entry[key], 0);
  const failed = sum(now, 'failed') - sum(before, 'failed');
  const succeeded = sum(now, 'attempts') - sum(before, 'attempts') - failed;
  const sharing = channels.filter((channel) => channel.integration === integration).length;
  const isShared = !isNamed && sharing > 1;
  // All of those that share a counter must have been told, before any of them is known to be.
  return { delivered: isShared && succeeded < sharing ? 0 : succeeded, failed, isShared };
}
