import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OWN } from './stage/own-files.ts';
import { runTool } from './stage/run-tool.ts';

/** A name that came in with telemetry. */
const HOSTILE = '<!channel> & <https://evil.example|click> `x` <script>alert(1)</script>';

const alert = {
  status: 'firing',
  labels: { alertname: 'CallspanLimitCritical', severity: 'critical' },
  annotations: {
    summary: `reply of ${HOSTILE} is slow`,
    description: HOSTILE,
    traceql: `{ span.gen_ai.provider.name = "${HOSTILE}" }`,
    calls_url: `http://127.0.0.1:4300/?traceql=a|b> c"d`,
    runbook_url: 'https://runbooks.example/CallspanLimitCritical.md',
  },
  startsAt: '2026-11-21T10:00:00Z',
  endsAt: '0001-01-01T00:00:00Z',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-templates-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What Alertmanager makes of a template for alarms. */
function render(name: string, alerts: readonly object[] = [alert], status = 'firing'): string {
  const data = join(folder, 'data.json');
  writeFileSync(data, JSON.stringify({ receiver: 'team', status, alerts, commonLabels: alert.labels }));
  const type = name.endsWith('.html') ? ['--template.type=html'] : [];
  const asked = [`--template.glob=${OWN.templates}/*.tmpl`, `--template.data=${data}`, ...type];
  const { code, output } = runTool(
    'amtool',
    'template',
    'render',
    ...asked,
    `--template.text={{ template "${name}" . }}`,
  );
  expect([code, output]).toEqual([0, output]);
  return output;
}

test('a name cannot call a channel, make a link or end a code span in Slack', () => {
  const text = `${render('callspan.slack.title')}\n${render('callspan.slack.text')}`;
  expect(text).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;');
  expect(text.match(/<[^>]*>/g)).toEqual([
    '<http://127.0.0.1:4300/?traceql=a%7Cb%3E%20c"d|calls>',
    '<https://runbooks.example/CallspanLimitCritical.md|what to do>',
  ]);
  expect(
    text
      .split('\n')
      .find((line) => line.startsWith('`'))
      ?.match(/`/g),
  ).toHaveLength(2);
});

test('a name is no element of a mail', () => {
  const html = render('callspan.email.html');
  expect(html).toContain('&lt;script&gt;');
  expect(html).not.toContain('<script');
});

test('a message says what is slow, since when, where the calls are and what to do', () => {
  const text = render('callspan.text');
  expect(text).toContain('Since: 2026-11-21 10:00:00 UTC');
  expect(text).toContain('Calls: http://127.0.0.1:4300/');
  expect(text).toContain('What to do: https://runbooks.example/');
  expect(render('callspan.title')).toMatch(/^Critical: reply of /);
});

test('the end is told as an end', () => {
  const ended = { ...alert, status: 'resolved', endsAt: '2026-11-21T10:05:00Z' };
  expect(render('callspan.title', [ended], 'resolved')).toMatch(/^Ended: /);
  expect(render('callspan.slack.text', [ended], 'resolved')).toContain('until 10:05:00 UTC');
  expect(render('callspan.slack.color', [ended], 'resolved').trim()).toBe('good');
});

test('of many alarms five are shown and the rest counted', () => {
  const many = Array.from({ length: 40 }, () => alert);
  const text = render('callspan.slack.text', many);
  expect(text.match(/calls>/g)).toHaveLength(5);
  expect(text).toContain('and more: 40 alarms in all');
});
