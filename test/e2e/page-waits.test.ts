import { Attr, LogEvent, SpanName, Stage } from 'callspan/conventions';
import type { Locator, Page } from 'playwright-core';
import { measureOverflow } from '../helpers/axe.ts';
import { showCallAt } from '../helpers/page-server.ts';
import { pageStageForTests, pathOf, shoot } from '../helpers/page-visit.ts';
import { createSampleCall } from '../helpers/sample-call.ts';

const stage = pageStageForTests();

const row = (page: Page, name: string) => page.locator('[role=row]', { hasText: name });
const selected = (page: Page) => page.locator('[role=row][aria-selected=true]');
const wavePath = (page: Page, side: string) => page.locator(`.wave-${side} path`).getAttribute('d');

describe('the ribbon', () => {
  test('shows each wait with its sign and certainty, why one is missing, the limit, the median and the coverage', async () => {
    const call = stage.add({ withGap: true, language: 'hard' });
    await stage.visit(pathOf(call), async (page) => {
      const ribbon = page.locator('.waits');
      await ribbon.getByRole('button').nth(3).waitFor();
      const said = (await ribbon.getByRole('button').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
      expect(said).toEqual([
        'turn 1 ~1.11 s',
        'turn 2 caller resumed',
        'turn 3 1.13 s ! over the target',
        'turn 4 ≥ 4.08 s !! over the limit',
      ]);
      const note = await page.locator('.waits-note').innerText();
      for (const part of ['limit 1.40 s', 'median 1.13 s', 'measured 3 of 4']) expect(note).toContain(part);
      await ribbon.getByRole('button').nth(0).click();
      expect(await selected(page).innerText()).toContain('WAIT');
      expect(await selected(page).innerText()).toContain('~1.11 s');
      await shoot(page, 'call-hard-light-1280');
    });
  });

  test('counts up while the caller waits, and keeps the figure when the answer is heard', async () => {
    const call = createSampleCall({ startedAtMs: Date.now() - 25_000, withGap: true });
    const [gap] = call.spans.filter(({ name }) => name === SpanName.responseGap);
    const heardMs = (gap?.startMs ?? 0) + (gap?.durationMs ?? 0);
    showCallAt(stage.server, call, heardMs - 200);
    await stage.visit(pathOf(call), async (page) => {
      const waiting = page.locator('.wait-waiting');
      await waiting.waitFor();
      const before = await waiting.innerText();
      await page.waitForFunction((was) => document.querySelector('.wait-waiting')?.textContent !== was, before);
      expect(await waiting.innerText()).toContain('over the limit');
      await page.getByText('updating live').waitFor();
      showCallAt(stage.server, call, heardMs + 200);
      await page.locator('.wait-measured').waitFor();
      expect(await page.locator('.wait-measured').innerText()).toContain('1.13 s');
    });
  });

  test('says so for a call whose bot measures no waits', async () => {
    const call = stage.add();
    await stage.visit(pathOf(call), async (page) => {
      await row(page, 'turn 1').waitFor();
      expect(await page.locator('.waits button').count()).toBe(0);
      expect(await page.locator('.waits').innerText()).toContain('The waits of this call were not measured');
    });
  });
});

describe('the waterfall', () => {
  test('draws the limit as a line with its figure, and the bar past it', async () => {
    const call = stage.add({ withGap: true });
    await stage.visit(pathOf(call), async (page) => {
      const wait = page.locator('.row-wait');
      await wait.waitFor();
      expect(await wait.innerText()).toContain('2.43 s ±10 ms');
      expect(await wait.innerText()).toContain('limit 1.40 s');
      const [line, bar] = await Promise.all([
        wait.locator('.limit-line').boundingBox(),
        wait.locator('.mark').boundingBox(),
      ]);
      expect(line?.x).toBeGreaterThan(bar?.x ?? 0);
      expect(line?.x).toBeLessThan((bar?.x ?? 0) + (bar?.width ?? 0));
    });
  });

  test('draws the limit of a stage that kept it, too: beyond its bar, and quieter', async () => {
    const call = stage.add({ withGap: true });
    await stage.visit(pathOf(call), async (page) => {
      const kept = row(page, 'noticing the end');
      await kept.waitFor();
      expect(await kept.innerText()).toMatch(/limit \d+ ms/);
      const [line, bar] = await Promise.all([
        kept.locator('.limit-line').boundingBox(),
        kept.locator('.mark').boundingBox(),
      ]);
      expect(line?.x).toBeGreaterThan((bar?.x ?? 0) + (bar?.width ?? 0));
      const colourOf = (line: Locator) => line.evaluate((element) => getComputedStyle(element).borderLeftColor);
      const passed = page.locator('.row-wait .limit-line');
      expect(await colourOf(kept.locator('.limit-line'))).not.toBe(await colourOf(passed));
      expect(await kept.locator('.sign').count()).toBe(0);
    });
  });

  test('draws where the wait of a turn that is not opened passed its limit', async () => {
    const call = stage.add({ withGap: true });
    await stage.visit(pathOf(call), async (page) => {
      const turn = row(page, 'turn 3');
      await turn.waitFor();
      expect(await turn.locator('.limit-line').count()).toBe(0);
      await turn.click();
      expect(await turn.locator('.limit-line').count()).toBe(1);
      expect(await row(page, 'turn 4').locator('.limit-line').count()).toBe(0);
    });
  });

  test('marks a step that goes on as soon as it has passed its limit', async () => {
    const call = createSampleCall({ startedAtMs: Date.now() - 60_000, withGap: true });
    const reply = call.spans.find((span) => span.attributes[Attr.stage] === Stage.llmFirstToken);
    showCallAt(stage.server, call, (reply?.startMs ?? 0) + 50);
    await stage.visit(pathOf(call), async (page) => {
      const going = row(page, 'model’s first word');
      await going.waitFor();
      await going.locator('.sign').waitFor();
      expect(await going.innerText()).toContain('over the limit');
    });
  });

  test('tells an interruption, silence, a filler and a void wait in words', async () => {
    const call = stage.add({ withGap: true, language: 'hard' });
    await stage.visit(
      pathOf(call),
      async (page) => {
        await row(page, 'turn 4').waitFor();
        for (const turn of ['turn 1', 'turn 3']) await row(page, turn).click();
        await row(page, 'caller interrupted').waitFor();
        await page.keyboard.press('Escape');
        expect(await row(page, 'caller interrupted').innerText()).toContain('1.34 s of 3.60 s heard');
        expect(await row(page, 'turn 2').innerText()).toContain('not measured: caller resumed');
        expect(await row(page, 'a filler, answer after 4.13 s').count()).toBe(1);
        await page.locator('[role=treegrid]').evaluate((grid) => grid.scrollTo(0, grid.scrollHeight));
        expect(await row(page, 'nobody spoke').innerText()).toContain('silent while the model was thinking');
        await shoot(page, 'call-hard-open-dark-1280');
      },
      { colorScheme: 'dark', height: 1200 },
    );
  });

  test('leaves out parts of a wait that took no time, and shows them raw', async () => {
    const call = createSampleCall({ startedAtMs: Date.now() - 120_000, withGap: true });
    const spans = call.spans.map((span) => (span.name === SpanName.botQueue ? { ...span, durationMs: 0 } : span));
    stage.server.calls.set(call.summary.callSid, { ...call, spans });
    await stage.visit(pathOf(call), async (page) => {
      await row(page, 'on the line').waitFor();
      expect(await row(page, 'in the bot’s queue').count()).toBe(0);
      await page.keyboard.press('r');
      const grid = page.locator('[role=treegrid]');
      expect(await grid.getAttribute('aria-rowcount')).toBe(String(spans.length + 1));
    });
  });
});

describe('the lanes', () => {
  test('grow a wave for each turn as its record arrives', async () => {
    const call = createSampleCall({ startedAtMs: Date.now() - 40_000, withGap: true });
    const first = call.detail.logs.find(({ eventName }) => eventName === LogEvent.envelope);
    showCallAt(stage.server, call, call.summary.startedAtMs + 3000);
    await stage.visit(pathOf(call), async (page) => {
      await page.locator('.lane-bars .mark-bot').first().waitFor();
      expect(await wavePath(page, 'bot')).toBe('');
      showCallAt(stage.server, call, (first?.timeMs ?? 0) + 10);
      await page.waitForFunction(() => document.querySelector('.wave-bot path')?.getAttribute('d') !== '');
      expect(await wavePath(page, 'caller')).toBe('');
      showCallAt(stage.server, call, call.summary.startedAtMs + 30_000);
      await page.waitForFunction(() => document.querySelector('.wave-caller path')?.getAttribute('d') !== '');
      await shoot(page, 'call-live-light-1280');
      await page.getByText('updating live').waitFor();
    });
  });

  test('say so where nothing is known of the sound', async () => {
    const call = stage.add();
    const silent = [SpanName.userSpeech, SpanName.playout] as readonly string[];
    const spans = call.spans.filter((span) => !silent.includes(span.name));
    stage.server.calls.set(call.summary.callSid, { ...call, spans });
    await stage.visit(pathOf(call), async (page) => {
      await page.getByText('The sound of this call is not known').waitFor();
    });
  });
});

describe('the cost', () => {
  test('stands in the header, and behind it what it was for', async () => {
    const call = stage.add({ withGap: true, language: 'en' });
    await stage.visit(pathOf(call), async (page) => {
      await page.getByRole('button', { name: /^\$0\.0\d\d$/ }).click();
      const dialog = page.locator('.cost-dialog');
      await dialog.waitFor();
      const text = await dialog.innerText();
      for (const part of ['transcription', 'language model', 'speech', 'phone line', 'extracting the record'])
        expect(text).toContain(part);
      expect(text).not.toContain('at least');
      await shoot(page, 'call-cost-light-1280');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      await row(page, 'turn 1').waitFor();
    });
  });

  test('is a lower bound where a part has no price, in the header as in the list', async () => {
    const call = stage.add({ withGap: true, language: 'en', hasUnknownCost: true });
    await stage.visit(pathOf(call), async (page) => {
      await page.getByRole('button', { name: /^at least \$/ }).click();
      const unpriced = page.locator('.cost-dialog tr', { hasText: 'extracting the record' });
      expect(await unpriced.innerText()).toContain('cost unknown');
    });
    await stage.visit('/', async (page) => {
      await page.locator('.call-cost', { hasText: 'at least $' }).waitFor();
    });
  });
});

describe('the list of calls', () => {
  test('shows waits as a ribbon with the worst of them, and no wait where none was measured', async () => {
    stage.add({ withGap: true, seed: 3 });
    stage.add({ seed: 4, startedAtMs: Date.now() - 300_000 });
    await stage.visit('/', async (page) => {
      const rows = page.locator('tbody tr');
      await rows.nth(1).waitFor();
      expect(await rows.nth(0).locator('.ribbon-bar').count()).toBe(4);
      expect(await rows.nth(0).locator('.ribbon-over').count()).toBe(1);
      expect(await rows.nth(0).locator('.call-worst').innerText()).toMatch(/2\.43 s\s*!!.*model’s first word/s);
      expect(await rows.nth(1).locator('.ribbon').count()).toBe(0);
      expect(await rows.nth(1).innerText()).toContain('slowest step');
    });
  });
});

describe('what leads nowhere', () => {
  test('is named, with the way back: an unknown address, an unknown call', async () => {
    await stage.visit('/no/such', async (page) => {
      await page.getByText('There is no page at this address.').waitFor();
      await shoot(page, 'no-page-light-1280');
      await page.getByRole('link', { name: 'Go to the list of calls' }).click();
      await page.getByText('No calls yet.').waitFor();
    });
    await stage.visit(`/calls/CA${'0'.repeat(32)}`, async (page) => {
      await page.getByText('There is no call with this id.').waitFor();
      await page.getByRole('link', { name: 'Go to the list of calls' }).click();
      await page.getByText('No calls yet.').waitFor();
    });
  });

  test('a call that has ended is not said to be updated live', async () => {
    const call = stage.add({ withGap: true });
    await stage.visit(pathOf(call), async (page) => {
      await row(page, 'turn 1').waitFor();
      expect(await page.getByText('updating live').count()).toBe(0);
    });
  });
});

test('a hard call fits a phone: nothing scrolls sideways', async () => {
  const call = stage.add({ withGap: true, language: 'hard', hasUnknownCost: true });
  for (const colorScheme of ['light', 'dark'] as const)
    await stage.visit(
      `${pathOf(call)}${colorScheme === 'dark' ? '?lang=fr' : ''}`,
      async (page) => {
        await page.locator('.waits button').nth(3).waitFor();
        await shoot(page, `call-hard-words-${colorScheme}-390`);
        expect(await measureOverflow(page)).toBeLessThanOrEqual(0);
      },
      { width: 390, height: 844, colorScheme },
    );
});
