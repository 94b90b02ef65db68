import { Attr, Segment, SpanName } from 'callspan/conventions';
import type { Page } from 'playwright-core';
import { findViolations, measureOverflow } from '../helpers/axe.ts';
import { createLongCall } from '../helpers/long-call.ts';
import { pageStageForTests, pathOf, shoot } from '../helpers/page-visit.ts';
import type { SampleCall } from '../helpers/sample-call.ts';

const PHONE = { width: 390, height: 844 };
const stage = pageStageForTests();

const heightOverflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollHeight - document.documentElement.clientHeight);
const selectedBox = (page: Page) => page.locator('[role=row][aria-selected=true]').boundingBox();

/** The call with its outcome, reason and a failed span's name as somebody else's bot may give them. */
function withForeignWords(call: SampleCall): SampleCall {
  const words = { outcome: 'o'.repeat(300), endReason: 'e'.repeat(300) };
  const spans = call.spans.map((span) =>
    span.name === SpanName.wrapUp ? { ...span, name: 's'.repeat(400), status: 'error' as const } : span,
  );
  return { spans, summary: { ...call.summary, ...words }, detail: { ...call.detail, ...words } };
}

test.each([{ width: 1280, height: 800 }, PHONE])(
  'words without a blank, of whatever length, never make a page wider: $width px',
  async (view) => {
    const call = withForeignWords(stage.add({ withGap: true }));
    stage.server.calls.set(call.summary.callSid, call);
    const run = async (page: Page) => {
      await page.locator('.call-table tbody tr, [role=row]').first().waitFor();
      expect(await measureOverflow(page)).toBeLessThanOrEqual(0);
    };
    await stage.visit(pathOf(call), run, view);
    await stage.visit('/', run, view);
  },
);

test.each([{ width: 1280, height: 800 }, PHONE])(
  'three hundred turns leave room for the waterfall, and the worst wait is among those that are seen: $width px',
  async (view) => {
    const call = createLongCall({ turns: 300, slowTurn: 280 });
    stage.server.calls.set(call.summary.callSid, call);
    await stage.visit(
      pathOf(call),
      async (page) => {
        await page.getByText('The caller waited 4.20 s in turn 280').waitFor();
        await shoot(page, `call-long-${view.width}`);
        expect(await heightOverflow(page)).toBeLessThanOrEqual(0);
        const list = await page.locator('.waits ol').boundingBox();
        const worst = await page.locator('.waits li').nth(279).boundingBox();
        expect(worst?.y).toBeGreaterThanOrEqual(list?.y ?? 0);
        expect((worst?.y ?? 0) + (worst?.height ?? 0)).toBeLessThanOrEqual((list?.y ?? 0) + (list?.height ?? 0));
        expect(await page.getByRole('treegrid').evaluate((grid) => grid.clientHeight)).toBeGreaterThan(150);
        expect(await findViolations(page)).toEqual([]);
      },
      view,
    );
  },
);

test('on a phone the panel stands under the row that was tapped, and every other row can still be reached', async () => {
  const call = stage.add({ withGap: true });
  await stage.visit(
    pathOf(call),
    async (page) => {
      await page.locator('.row-turn', { hasText: 'turn 4' }).click();
      await page.locator('.row-wait').click();
      await page.locator('.panel').waitFor();
      const panel = await page.locator('.panel').boundingBox();
      const row = await selectedBox(page);
      expect((row?.y ?? 0) + (row?.height ?? 0)).toBeLessThanOrEqual(panel?.y ?? 0);
      const grid = page.getByRole('treegrid');
      await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      const last = page.locator(`[role=row][aria-rowindex="${await grid.getAttribute('aria-rowcount')}"]`);
      const end = await last.boundingBox();
      expect((end?.y ?? 0) + (end?.height ?? 0)).toBeLessThanOrEqual((panel?.y ?? 0) + 1);
      await shoot(page, 'call-panel-390');
      await page.getByRole('button', { name: 'Close' }).click();
      await page.locator('.sentence').waitFor();
    },
    PHONE,
  );
});

test('what was said from right to left begins at its right, and its beginning is what is seen', async () => {
  const call = stage.add();
  const said = `مرحبا ${'وأيضا '.repeat(40)}`;
  const logs = call.detail.logs.map((line) => ({ ...line, body: said }));
  const turnList = call.detail.turnList.map((turn) => ({ ...turn, transcribed: said }));
  stage.server.calls.set(call.summary.callSid, { ...call, detail: { ...call.detail, logs, turnList } });
  await stage.visit(pathOf(call), async (page) => {
    const text = page.locator('.row-turn', { hasText: 'turn 1' }).locator('.said');
    await text.waitFor();
    expect(await text.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl');
  });
});

test('log lines outside of the turn that is zoomed to have no mark in it, and say how long before it they came', async () => {
  const call = stage.add({ withGap: true });
  const first = call.spans.find((span) => span.attributes[Attr.turnIndex] === 3 && span.name === SpanName.turn);
  const logs = call.detail.logs.map((line) => ({ ...line, spanId: first?.spanId ?? null }));
  stage.server.calls.set(call.summary.callSid, { ...call, detail: { ...call.detail, logs } });
  await stage.visit(pathOf(call), async (page) => {
    await page.locator('[role=row]').nth(3).waitFor();
    await page.keyboard.press('z');
    await page.keyboard.press('l');
    const line = page.locator('.row-log').first();
    await line.waitFor();
    expect(await line.locator('.log-mark').count()).toBe(0);
    expect(await line.locator('.cell-duration').innerText()).toMatch(/^-\d/);
  });
});

test('of a caller who left before the first turn it is not said that the waits were not measured', async () => {
  const call = stage.add();
  const early = call.spans.filter((span) => !((span.attributes[Attr.turnIndex] as number) > 0));
  stage.server.calls.set(call.summary.callSid, { ...call, spans: early });
  await stage.visit(pathOf(call), async (page) => {
    await page.locator('.row-turn', { hasText: 'greeting' }).waitFor();
    expect(await page.locator('.waits').count()).toBe(0);
  });
});

test('why the worst wait was long can be read in the list, however wide the other columns are', async () => {
  const call = stage.add({ withGap: true });
  const [wait] = call.summary.waits;
  const waits = Array.from({ length: 24 }, (_, at) => ({ ...wait, turnIndex: at + 1, segment: Segment.llmFirstToken }));
  const wide = { waits, outcome: 'no_more_words_for_this_outcome', errors: 12, cost: { usd: 0.00045, isKnown: false } };
  stage.server.calls.set(call.summary.callSid, {
    ...call,
    summary: { ...call.summary, ...wide } as SampleCall['summary'],
  });
  await stage.visit('/', async (page) => {
    const name = page.locator('.worst-name');
    await name.waitFor();
    expect(await name.innerText()).toBe('model’s first word');
    const cut = await name.evaluate((element) => element.scrollWidth - element.clientWidth);
    expect(cut).toBeLessThanOrEqual(0);
    expect(await measureOverflow(page)).toBeLessThanOrEqual(0);
  });
});
