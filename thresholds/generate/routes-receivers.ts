import type { Channel, Receivers, Role } from './routes-channels.ts';

/** A receiver of Alertmanager: its name, and per kind of channel the list of its settings. */
export type AlertmanagerReceiver = { readonly name: Role } & { readonly [kind: string]: unknown };

/** `chat` hears of one execution, which is over when it is told: there is nothing to resolve. */
const TELLS_END: Readonly<Record<Role, boolean>> = { page: true, team: true, chat: false, watchdog: false };

/** The receiver of a role, with the channels that the role names; without any, nothing leaves. */
export function makeReceiver({ roles, channels }: Receivers, role: Role): AlertmanagerReceiver {
  const kinds = new Map<string, object[]>();
  for (const name of roles[role]) {
    const channel = channels[name];
    if (channel === undefined) continue;
    const key = `${channel.type}_configs`;
    const settings = { send_resolved: TELLS_END[role], ...settingsOf(channel) };
    kinds.set(key, [...(kinds.get(key) ?? []), settings]);
  }
  return { name: role, ...Object.fromEntries(kinds) };
}

function settingsOf(channel: Channel): object {
  switch (channel.type) {
    case 'pagerduty':
      return {
        routing_key_file: channel.routing_key_file,
        client: 'Callspan',
        client_url: '{{ template "callspan.calls_url" . }}',
        description: '{{ template "callspan.title" . }}',
        severity: '{{ template "callspan.pagerduty.severity" . }}',
        class: '{{ .CommonLabels.alertname }}',
        component: '{{ .CommonLabels.service_name }}',
        group: '{{ .CommonLabels.voice_stage }}',
        details: { alarms: '{{ template "callspan.text" . }}' },
      };
    case 'slack':
      return {
        api_url_file: channel.url_file,
        ...(channel.channel !== undefined && { channel: channel.channel }),
        username: 'Callspan',
        // Names of people and channels in a label stay words.
        link_names: false,
        color: '{{ template "callspan.slack.color" . }}',
        title: '{{ template "callspan.slack.title" . }}',
        title_link: '{{ template "callspan.calls_url" . }}',
        fallback: '{{ template "callspan.slack.title" . }}',
        text: '{{ template "callspan.slack.text" . }}',
        mrkdwn_in: ['text'],
      };
    case 'email':
      return {
        to: channel.to,
        from: channel.from,
        smarthost: channel.smarthost,
        ...(channel.username !== undefined && { auth_username: channel.username }),
        ...(channel.password_file !== undefined && { auth_password_file: channel.password_file }),
        headers: { Subject: '{{ template "callspan.title" . }}' },
        html: '{{ template "callspan.email.html" . }}',
        text: '{{ template "callspan.text" . }}',
      };
    case 'webhook':
      return {
        url_file: channel.url_file,
        // The first of a group say what it is about; truncatedAlerts counts the rest.
        max_alerts: 20,
        ...(channel.token_file !== undefined && {
          http_config: { authorization: { type: 'Bearer', credentials_file: channel.token_file } },
        }),
      };
  }
}
