import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** The channels of collector/alertmanager/receivers.yaml, as their vendors would take them. */
export type AlarmChannel = 'pagerduty' | 'slack' | 'email' | 'webhook';

/** One message that Alertmanager sent. */
export type Message = {
  readonly atMs: number;
  readonly channel: AlarmChannel;
  /** What stands above it: `Critical: ...`; of a webhook, the names of its alerts. */
  readonly title: string;
  /** As it came: JSON of PagerDuty, Slack or a webhook, or an e-mail. */
  readonly body: string;
};

type WebhookBody = { readonly alerts: readonly { readonly labels: Readonly<Record<string, string>> }[] };

const TITLE_OF: Readonly<Record<AlarmChannel, (body: string) => string>> = {
  pagerduty: (body) => (JSON.parse(body) as { payload: { summary: string } }).payload.summary,
  slack: (body) => (JSON.parse(body) as { attachments: { title: string }[] }).attachments[0]?.title ?? '',
  email: (body) => /^Subject: (.*)$/m.exec(body)?.[1]?.trim() ?? '',
  webhook: (body) => (JSON.parse(body) as WebhookBody).alerts.map(({ labels }) => labels.alertname).join(', '),
};

/** Somebody to be told: PagerDuty, Slack and webhooks by HTTP, e-mail by SMTP, all on loopback. */
export type AlarmSink = {
  readonly url: string;
  /** `host:port` of the mail server. */
  readonly smarthost: string;
  readonly messages: Message[];
  close(): void;
};

/** Starts the sink; every message is taken. */
export async function startAlarmSink(): Promise<AlarmSink> {
  const messages: Message[] = [];
  const take = (channel: AlarmChannel, body: string) =>
    messages.push({ atMs: Date.now(), channel, title: TITLE_OF[channel](body), body });
  const http = createHttpServer(async (request, response) => {
    const channel = (request.url ?? '').slice(1) as AlarmChannel;
    take(channel, await text(request));
    // Each vendor's own word for "taken".
    response.writeHead(channel === 'pagerduty' ? 202 : 200).end(channel === 'slack' ? 'ok' : '{}');
  }).listen(0, '127.0.0.1');
  const mail = createServer((socket) => takeMails(socket, (body) => take('email', body))).listen(0, '127.0.0.1');
  await Promise.all([once(http, 'listening'), once(mail, 'listening')]);
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${portOf(http)}`,
    smarthost: `127.0.0.1:${portOf(mail)}`,
    messages,
    close() {
      http.closeAllConnections();
      http.close();
      mail.close();
    },
  };
}

/** As much of SMTP (RFC 5321) as a sender needs: greeting, sign-in, envelope, data. */
function takeMails(socket: Socket, onMail: (body: string) => void): void {
  let buffer = '';
  let isData = false;
  const say = (line: string) => socket.write(`${line}\r\n`);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    buffer += chunk.toString();
    for (;;) {
      const end = buffer.indexOf(isData ? '\r\n.\r\n' : '\r\n');
      if (end === -1) return;
      const part = buffer.slice(0, end);
      buffer = buffer.slice(end + (isData ? 5 : 2));
      if (isData) {
        onMail(part);
        isData = false;
        say('250 taken');
      } else if (part.startsWith('EHLO')) socket.write('250-sink\r\n250 AUTH PLAIN\r\n');
      else if (part.startsWith('AUTH')) say('235 signed in');
      else if (part === 'DATA') {
        isData = true;
        say('354 go on');
      } else if (part === 'QUIT') socket.end('221 bye\r\n');
      else say('250 ok');
    }
  });
  say('220 sink');
}
