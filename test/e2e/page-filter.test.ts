import type { Browser, Page } from 'playwright-core';
import { buildPage, pageDistFolder } from '../../services/viewer/page/build.ts';
import { findViolations, measureOverflow } from '../helpers/axe.ts';
import { startBrowser } from '../helpers/browser.ts';
import { type SampleSpan, spanIdOf, T0_MS, toTracesBody, traceIdOf } from '../helpers/otlp-samples.ts';
import { shoot, type View, visitAddress } from '../helpers/page-visit.ts';
import { startTestViewer, type TestViewer } from '../helpers/viewer.ts';

const LIMIT_MS = 1500;
const SETUP = `{ span.voice.stage = "setup" && duration > ${LIMIT_MS}ms && resource.service.name = "bot" && span.gen_ai.provider.name = "openai" }`;
let browser: Browser | null;
let viewer: TestViewer;

const sidOf = (number: number) => `CA${String(number).padStart(32, '0')}`;

/** A call whose setups took so long, one after the other. */
function makeCall(number: number, { atMs, setupsMs }: { readonly atMs: number; readonly setupsMs: readonly number[] }) {
  const shared = { 'gen_ai.conversation.id': sidOf(number) };
  const span = (index: number, given: Omit<SampleSpan, 'spanId'>): SampleSpan => ({
    traceId: traceIdOf(number),
    spanId: spanIdOf(number * 100 + index),
    ...given,
    attributes: { ...shared, ...given.attributes },
  });
  const parentSpanId = spanIdOf(number * 100);
  const setups = setupsMs.map((ms, index) => {
    const startMs = atMs + 10 + index * 10_000;
    const attributes = { 'voice.stage': 'setup', 'gen_ai.provider.name': 'openai' };
    return span(index + 2, { parentSpanId, name: 'voice.setup', startMs, endMs: startMs + ms, attributes });
  });
  return [
    span(0, { name: 'POST /voice', kind: 2, startMs: atMs, endMs: atMs + 6 }),
    span(1, {
      parentSpanId,
      name: 'voice.call',
      startMs: atMs + 8,
      endMs: atMs + 40_000,
      attributes: { 'voice.call.outcome': 'saved' },
    }),
    ...setups,
  ];
}

const MINUTE_MS = 60_000;
/** Slow ones at minutes 0, 20 and 21, healthy ones between. */
const CALLS = [
  { atMs: 0, setupsMs: [6000] },
  { atMs: 10 * MINUTE_MS, setupsMs: [300] },
  { atMs: 20 * MINUTE_MS, setupsMs: [1700, 2840, 400] },
  { atMs: 21 * MINUTE_MS, setupsMs: [4100] },
  { atMs: 22 * MINUTE_MS, setupsMs: [LIMIT_MS] },
];

beforeAll(async () => {
  browser = await startBrowser();
  if (browser) await buildPage();
  viewer = await startTestViewer({ pageFolder: pageDistFolder });
  for (const [index, call] of CALLS.entries()) {
    expect((await viewer.post('/v1/traces', toTracesBody(makeCall(index + 1, call)))).status).toBe(200);
  }
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await viewer?.close();
});

const minute = (count: number) => new Date(T0_MS + count * MINUTE_MS).toISOString();

async function visit(query: Record<string, string>, run: (page: Page) => Promise<void>, view: View = {}) {
  const url = `${viewer.url}/?${new URLSearchParams(query)}`;
  if (browser) await visitAddress(browser, { ...view, url }, run);
}

const rows = (page: Page) => page.locator('tbody tr');
const textsOf = async (page: Page) => {
  await rows(page).first().waitFor();
  return (await page.locator('tbody .call-id a').all()).map((link) => link.getAttribute('title'));
};
const listSids = async (page: Page) => Promise.all(await textsOf(page));

test('the link of an alarm lists the slow calls of its window, the worst first, and nothing else', async () => {
  await visit({ traceql: SETUP, since: minute(15) }, async (page) => {
    expect(await listSids(page)).toEqual([sidOf(4), sidOf(3)]);
    expect(await page.locator('.filter h2').innerText()).toMatch(
      /^Calls in which the step “connecting” took over 1\.50 s, of openai, in bot, since .*\d\d:\d\d:\d\d$/,
    );
    expect(await page.locator('.filter code').innerText()).toBe(SETUP);
    expect(await page.locator('.filter p').innerText()).toBe('2 calls, the worst first.');
    expect(await page.locator('.call-match .wait-figure').allInnerTexts()).toEqual(['4.10 s', '2.84 s']);
    expect(await rows(page).nth(1).locator('.call-match').innerText()).toContain('worst of 2');
    expect(await page.getByRole('button', { name: 'Load older calls' }).count()).toBe(0);
  });
});

test('without a window it lists all that match, and a window has an end, too', async () => {
  await visit({ traceql: SETUP }, async (page) => {
    expect(await listSids(page)).toEqual([sidOf(1), sidOf(4), sidOf(3)]);
  });
  await visit({ traceql: SETUP, until: minute(5) }, async (page) => {
    expect(await listSids(page)).toEqual([sidOf(1)]);
  });
});

test('a window without a query lists the calls that took place in it, the newest first, in words of its own', async () => {
  await visit({ since: minute(15), until: minute(21.2) }, async (page) => {
    expect(await listSids(page)).toEqual([sidOf(4), sidOf(3)]);
    expect(await page.locator('.filter h2').innerText()).toMatch(/^Calls, since .*\d\d:\d\d:\d\d, until /);
    expect(await page.locator('.filter p').innerText()).toBe('2 calls.');
    expect(await page.locator('.filter code, .call-match').count()).toBe(0);
  });
  await visit({ since: minute(1), until: minute(2), lang: 'fr' }, async (page) => {
    await page.getByText('Aucun appel n’a eu lieu dans cette fenêtre.').waitFor();
    expect(await page.locator('.filter h2').innerText()).toMatch(/^Appels, depuis /);
  });
});

test('a call that is opened leads back to the same calls, and one click shows all', async () => {
  await visit({ traceql: SETUP, since: minute(15), lang: 'en' }, async (page) => {
    await rows(page).nth(1).click();
    await page.waitForURL(/\/calls\/CA/);
    await page.locator('.back').click();
    expect(await listSids(page)).toEqual([sidOf(4), sidOf(3)]);
    await page.getByRole('link', { name: 'Show all calls' }).click();
    await rows(page)
      .nth(CALLS.length - 1)
      .waitFor();
    expect(new URL(page.url()).search).toBe('?lang=en');
    expect(await page.locator('.filter, .call-match').count()).toBe(0);
  });
});

test('a call is opened at the step that was asked for, be it not its slowest', async () => {
  await visit({ traceql: '{ span.voice.stage = "setup" && duration < 500ms }' }, async (page) => {
    expect(await listSids(page)).toEqual([sidOf(3), sidOf(2)]);
    await rows(page).first().click();
    const selected = page.locator('[role=row][aria-selected=true]');
    await selected.waitFor();
    expect(await selected.innerText()).toContain('400 ms');
    expect(await page.locator('.panel').innerText()).toContain(spanIdOf(304));
  });
});

test('a slow call that ends while the list is looked at comes into it', async () => {
  const name = '{ span.voice.stage = "setup" && duration > 7000ms }';
  await visit({ traceql: name }, async (page) => {
    await page.getByText('No call has such a step.').waitFor();
    await page.getByText('updating live').waitFor();
    await viewer.post('/v1/traces', toTracesBody(makeCall(9, { atMs: 30 * MINUTE_MS, setupsMs: [7500] })));
    expect(await listSids(page)).toEqual([sidOf(9)]);
  });
});

test('the calls that waited too long are asked for by their worst wait, alone, in a window and with a query', async () => {
  const makeWaiting = (number: number, { atMs, waitMs }: { readonly atMs: number; readonly waitMs: number }) => [
    ...makeCall(number, { atMs, setupsMs: [number === 12 ? 1600 : 200] }),
    {
      traceId: traceIdOf(number),
      spanId: spanIdOf(number * 100 + 90),
      parentSpanId: spanIdOf(number * 100),
      name: 'voice.response_gap',
      startMs: atMs + 5000,
      endMs: atMs + 5000 + waitMs,
      attributes: {
        'gen_ai.conversation.id': sidOf(number),
        'voice.turn.index': 1,
        'voice.gap.source': number === 14 ? 'none' : 'media_clock',
      },
    },
  ];
  for (const [number, waitMs] of [
    [11, 900],
    [12, 1700],
    [13, 2900],
    [14, 9000],
  ] as const) {
    const spans = makeWaiting(number, { atMs: (30 + number) * MINUTE_MS, waitMs });
    expect((await viewer.post('/v1/traces', toTracesBody(spans))).status).toBe(200);
  }
  await visit({ worst: '>1.4s' }, async (page) => {
    expect(await listSids(page)).toEqual([sidOf(13), sidOf(12)]);
    expect(await page.locator('.filter h2').innerText()).toBe('Calls whose worst wait was over 1.40 s');
    expect(await page.locator('.filter p').innerText()).toBe('2 calls, the worst first.');
    await rows(page).first().click();
    await page.locator('.back').click();
    expect(await listSids(page)).toEqual([sidOf(13), sidOf(12)]);
  });
  await visit({ worst: '>1.4s', until: minute(42.5), lang: 'fr' }, async (page) => {
    expect(await listSids(page)).toEqual([sidOf(12)]);
    expect(await page.locator('.filter h2').innerText()).toMatch(
      /^Appels dont la pire attente a dépassé 1,40\ss, jusqu’à /,
    );
  });
  await visit({ worst: '>1.4s', traceql: SETUP }, async (page) => {
    expect(await listSids(page)).toEqual([sidOf(12)]);
    expect(await page.locator('.filter h2').innerText()).toContain(', and whose worst wait was over 1.40 s');
  });
  await visit({ worst: '>20s' }, async (page) => {
    await page.getByText('No call that was asked for has such a wait.').waitFor();
  });
  await visit({ worst: 'long' }, async (page) => {
    expect(await page.getByRole('alert').innerText()).toContain('worst=long is no wait: >1.4s and >900ms are');
  });
});

test('nothing in the window, a query that is not answered and a time that is none are each said plainly', async () => {
  await visit({ traceql: SETUP, since: minute(1), until: minute(2) }, async (page) => {
    await page.getByText('No call in this window has such a step.').waitFor();
    expect(await rows(page).count()).toBe(0);
  });
  await visit({ traceql: '{ span.voice.stage = "setup" } | rate()' }, async (page) => {
    const told = page.getByRole('alert');
    await told.waitFor();
    expect(await told.innerText()).toContain('The viewer does not answer this question.');
    expect(await told.innerText()).toContain('this part of TraceQL is not supported here: rate()');
  });
  await visit({ traceql: SETUP, since: 'yesterday', lang: 'fr' }, async (page) => {
    const told = page.getByRole('alert');
    await told.waitFor();
    expect(await told.innerText()).toContain('since=yesterday is no time');
    await page.getByRole('link', { name: 'Montrer tous les appels' }).click();
    await rows(page).first().waitFor();
  });
});

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, width })),
);

test.each(looks)(
  'looks right and is accessible: $colorScheme, $width px',
  async ({ colorScheme, width }) => {
    const view = { colorScheme, width, height: width < 500 ? 844 : 800 };
    const check = async (page: Page, name: string) => {
      await shoot(page, `${name}-${colorScheme}-${width}`);
      expect(await findViolations(page)).toEqual([]);
      expect(await measureOverflow(page)).toBeLessThanOrEqual(0);
    };
    const words = colorScheme === 'dark' ? { lang: 'fr' } : {};
    await visit(
      { traceql: SETUP, since: minute(15), ...words },
      async (page) => {
        await rows(page).first().waitFor();
        await check(page, 'calls-filtered');
      },
      view,
    );
    await visit(
      { traceql: SETUP, since: minute(1), until: minute(2), ...words },
      async (page) => {
        await page.locator('.notice').waitFor();
        await check(page, 'calls-filtered-none');
      },
      view,
    );
  },
  30_000,
);
