import {
  normaliseSearch,
  normaliseTrace,
  type Recording,
  readDataset,
  readTempoRecordings,
} from '../helpers/tempo-recordings.ts';
import { startTestViewer, type TestViewer } from '../helpers/viewer.ts';

/** Recorded, not answered yet: refused by name until it is. */
const NOT_YET = ['{ name = "voice.turn" } | count() > 3', '{ name = "voice.response_gap" } | avg(duration) > 1500ms'];
/** Outside the subset for good. */
const OUTSIDE = ['{ name = "voice.turn" } >> { name =~ "chat.*" && duration > 2s }'];

const recordings = readTempoRecordings();
const isSearch = ({ path, query, status }: Recording) =>
  path === '/api/search' && query.q !== undefined && status === 200;
const queryOf = ({ query }: Recording) => String(query.q);
const isServed = (recording: Recording) => ![...NOT_YET, ...OUTSIDE].includes(queryOf(recording));
const title = (recording: Recording): [string, Recording] => [
  `${recording.path} ${new URLSearchParams(Object.entries(recording.query).map(([key, value]) => [key, String(value)]))}`,
  recording,
];

let viewer: TestViewer;
beforeAll(async () => {
  viewer = await startTestViewer();
  expect(await viewer.post('/v1/traces', readDataset().traces)).toEqual({ status: 200, body: {} });
});
afterAll(() => viewer.close());

async function ask({ path, query }: Recording): Promise<{ status: number; type: string; body: unknown }> {
  const url = new URL(`${viewer.url}/tempo${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  const response = await fetch(url);
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, body: type.startsWith('application/json') ? JSON.parse(text) : text };
}

test.each(recordings.filter(({ path }) => path.includes('/traces/')).map(title))(
  'a trace is given as Tempo gives it: %s',
  async (_title, recording) => {
    const answer = await ask(recording);
    expect(answer.status).toBe(recording.status);
    if (recording.contentType === 'application/json') {
      expect(normaliseTrace(answer.body)).toEqual(normaliseTrace(recording.body));
    } else expect(answer.body).toBe(recording.body ?? '');
  },
);

test.each(recordings.filter((recording) => isSearch(recording) && isServed(recording)).map(title))(
  'a search finds what Tempo finds: %s',
  async (_title, recording) => {
    const limit = Number(recording.query.limit ?? 20);
    const answer = await ask(recording);
    expect(answer.status).toBe(200);
    expect(normaliseSearch(answer.body, limit)).toEqual(normaliseSearch(recording.body, limit));
  },
);

test('where limit and spss cut, what is given belongs to the full answer', async () => {
  const cut = recordings.filter((recording) => isSearch(recording) && Number(recording.query.limit) < 10);
  expect(cut.length).toBeGreaterThan(0);
  for (const recording of cut) {
    type Found = { traces: { traceID: string; spanSets: { matched: number; spans: { spanID: string }[] }[] }[] };
    const given = (await ask(recording)).body as Found;
    const full = (await ask({ ...recording, query: { q: queryOf(recording), limit: 1000, spss: 1000 } })).body as Found;
    for (const { traceID, spanSets } of given.traces) {
      const whole = full.traces.find((trace) => trace.traceID === traceID)?.spanSets[0];
      expect(spanSets[0]?.matched).toBe(whole?.matched);
      expect(whole?.spans.map(({ spanID }) => spanID)).toEqual(
        expect.arrayContaining(spanSets[0]?.spans.map(({ spanID }) => spanID) ?? []),
      );
      expect(spanSets[0]?.spans.length).toBe(Math.min(Number(recording.query.spss ?? 3), whole?.matched ?? 0));
    }
  }
});

test.each(recordings.filter(({ note }) => note !== undefined).map(title))(
  'a bad request is refused with the same status, in plain text: %s',
  async (_title, recording) => {
    const answer = await ask(recording);
    expect(answer.status).toBe(recording.status);
    expect(answer.type).toMatch(/^text\/plain/);
    expect(answer.body).not.toBe('');
  },
);

test.each([...NOT_YET, ...OUTSIDE])('what is not answered is refused by name, never made up: %s', async (q) => {
  expect(recordings.some((recording) => queryOf(recording) === q)).toBe(true);
  const response = await fetch(`${viewer.url}/tempo/api/search?${new URLSearchParams({ q })}`);
  expect(response.status).toBe(501);
  expect(await response.text()).toMatch(/not supported here: \S/);
});

test('the old form of search, tags and metrics are refused by name', async () => {
  for (const path of [
    '/api/search?tags=service.name%3Drecords',
    '/api/v2/search/tags',
    '/api/metrics/query_range?q=%7B%7D',
  ]) {
    const response = await fetch(`${viewer.url}/tempo${path}`);
    expect([path, response.status]).toEqual([path, 501]);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  }
});

test('echo, readiness and build information are where Grafana looks for them', async () => {
  for (const recording of recordings.filter(({ path }) => path === '/api/echo')) {
    expect(await ask(recording)).toMatchObject({ status: 200, body: recording.body });
  }
  const build = recordings.find(({ path }) => path === '/api/status/buildinfo');
  const answer = await ask(build as Recording);
  expect(Object.keys(answer.body as object)).toEqual(Object.keys(build?.body as object));
  expect((await fetch(`${viewer.url}/tempo/ready`)).status).toBe(200);
});
