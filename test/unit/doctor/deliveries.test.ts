import { countDelivered, listChannels, parseDeliveries } from '../../../scripts/doctor/deliveries.ts';

const channels = [
  { receiver: 'team', integration: 'slack' },
  { receiver: 'chat', integration: 'slack' },
  { receiver: 'team', integration: 'email' },
];

/** Alertmanager's counters; `receiver_name` where it tells receivers apart. */
const metrics = (lines: readonly (readonly [labels: string, attempts: number, failed: number])[]) =>
  lines
    .flatMap(([labels, attempts, failed]) => [
      `alertmanager_notification_requests_total{${labels}} ${attempts}`,
      `alertmanager_notification_requests_failed_total{${labels}} ${failed}`,
      `alertmanager_notifications_total{${labels}} 99`,
    ])
    .join('\n');

test('the channels are those that the configuration gives to receivers', () => {
  const configuration = 'receivers: [{name: nobody}, {name: team, slack_configs: [{}], email_configs: []}]';
  expect(listChannels(configuration)).toEqual([{ receiver: 'team', integration: 'slack' }]);
});

test('with names a channel is told by its own counter', () => {
  const before = parseDeliveries(metrics([['integration="slack",receiver_name="team"', 5, 1]]));
  const now = parseDeliveries(
    metrics([
      ['integration="slack",receiver_name="team"', 6, 1],
      ['integration="slack",receiver_name="chat"', 2, 2],
    ]),
  );
  const [team, chat] = channels.map((channel) => countDelivered(channel, channels, { before, now }));
  expect(team).toEqual({ delivered: 1, failed: 0, isShared: false });
  expect(chat).toEqual({ delivered: 0, failed: 2, isShared: false });
});

test('without names one message does not stand for two receivers of a kind', () => {
  const count = (attempts: number) => {
    const now = parseDeliveries(metrics([['integration="slack"', attempts, 0]]));
    return channels.map((channel) => countDelivered(channel, channels, { before: [], now }).delivered);
  };
  expect(count(1)).toEqual([0, 0, 0]);
  expect(count(2)).toEqual([2, 2, 0]);
});
