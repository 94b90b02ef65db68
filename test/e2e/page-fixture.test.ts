import type { Page } from 'playwright-core';
import { showCallAt } from '../helpers/page-server.ts';
import { pageStageForTests, pathOf } from '../helpers/page-visit.ts';
import { createSampleCall, type SampleCall } from '../helpers/sample-call.ts';

const stage = pageStageForTests();
const { add, visit } = stage;

const selected = (page: Page) => page.locator('[role=row][aria-selected=true]');
const row = (page: Page, name: string) => page.locator('[role=row]', { hasText: name });

describe('the list of calls', () => {
  test('grows by itself while a call goes on, keeps it on top, and says when it has ended', async () => {
    add({ startedAtMs: Date.now() - 60_000, seed: 2, language: 'en' });
    const going = createSampleCall({ startedAtMs: Date.now() - 9000, seed: 3 });
    await visit('/', async (page) => {
      const rows = page.locator('tbody tr');
      await rows.nth(0).waitFor();
      await page.getByText('updating live').waitFor();
      expect(await rows.count()).toBe(1);
      showCallAt(stage.server, going, going.summary.startedAtMs + 9000);
      await page.locator('tbody tr.state-live').waitFor();
      expect(await rows.nth(0).getAttribute('class')).toContain('state-live');
      expect(await page.locator('.bar').innerText()).toContain('2 calls, 1 live');
      await rows.nth(0).getByRole('link').focus();
      showCallAt(stage.server, going, going.summary.startedAtMs + 100_000);
      await page.locator('tbody tr.state-live').waitFor({ state: 'detached' });
      expect(await rows.nth(0).innerText()).toContain('record saved');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe(pathOf(going));
    });
  });

  test('finds a call by a part of its id, keeps that in the address, and opens a whole id', async () => {
    const [one] = [add({ seed: 4 }), add({ seed: 5 })];
    await visit('/', async (page) => {
      await page.locator('tbody tr').nth(1).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type(one.summary.callSid.slice(5, 15));
      await page.getByText('1 of 2 loaded calls match.').waitFor();
      expect(new URL(page.url()).searchParams.get('q')).toBe(one.summary.callSid.slice(5, 15));
      await page.keyboard.press('Escape');
      await page.locator('tbody tr').nth(1).waitFor();
      const unlisted = 'CA00000000000000000000000000000000';
      await page.keyboard.type(unlisted);
      await page.getByText('No loaded call matches').waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/calls/${unlisted}`);
      await page.getByText('There is no call with this id.').waitFor();
    });
  });

  test('says what to do where there are no calls, and loads older ones where there are many', async () => {
    await visit('/', async (page) => {
      await page.getByText('No calls yet.').waitFor();
      await page.getByText('OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14318', { exact: true }).waitFor();
    });
    for (let at = 0; at < 60; at++) add({ seed: 100 + at, startedAtMs: Date.now() - at * 60_000 });
    await visit('/', async (page) => {
      await page.locator('tbody tr').nth(49).waitFor();
      // There are more: what is loaded is not said to be all.
      await page.locator('header').getByText('50 calls loaded', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Load older calls' }).click();
      await page.locator('tbody tr').nth(59).waitFor();
      await page.locator('header').getByText('60 calls', { exact: true }).waitFor();
    });
  });

  test('says what failed and why, tries again by itself when the connection is back', async () => {
    add();
    stage.server.failWith = 500;
    await visit('/', async (page) => {
      await page.getByText('The viewer could not answer.').waitFor();
      expect(await page.getByRole('alert').innerText()).toContain('the store is closed');
      stage.server.breakStreams();
      await page.getByText('connection lost, retrying').waitFor();
      stage.server.failWith = null;
      stage.server.acceptStreams();
      await page.locator('tbody tr').first().waitFor();
      await page.getByText('updating live').waitFor();
    });
  });

  test('is walked through with the keyboard', async () => {
    const calls = [add({ seed: 6, startedAtMs: Date.now() - 1000 }), add({ seed: 7, startedAtMs: Date.now() - 2000 })];
    await visit('/', async (page) => {
      await page.locator('tbody tr').nth(1).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${pathOf(calls[1] as SampleCall)}`);
      await page.locator('[role=treegrid]').waitFor();
      // The first closes the panel, only the second goes back.
      await page.keyboard.press('Escape');
      await page.locator('[role=treegrid]').waitFor();
      await page.keyboard.press('Escape');
      await page.locator('tbody tr').nth(1).waitFor();
    });
  });
});

describe('a call', () => {
  test('says where the time went and shows what lay behind it', async () => {
    const call = add({ withGap: true });
    await visit(pathOf(call), async (page) => {
      await page.getByText('The caller waited 2.43 s in turn 3, 1.03 s over the limit.').waitFor();
      expect(await selected(page).innerText()).toContain('model’s first word');
      const panel = page.locator('.panel');
      expect(await panel.innerText()).toContain(
        'From the transcript until the model sent the first piece of its answer.',
      );
      expect(await panel.innerText()).toContain('gpt-6-luna');
      expect(await row(page, 'turn 1').innerText()).toContain('Bonjour, je voudrais un rendez-vous');
    });
  });

  test('reaches from the phone to the database row, and shows every span of every service on one key', async () => {
    const call = add({ language: 'en' });
    await visit(pathOf(call), async (page) => {
      await row(page, 'saving the record').first().waitFor();
      expect(await row(page, 'records API').count()).toBe(1);
      expect(await row(page, 'database').count()).toBe(1);
      await page.keyboard.press('r');
      await row(page, 'POST /voice').waitFor();
      expect(await page.locator('[role=treegrid]').getAttribute('aria-rowcount')).toBe(String(call.spans.length + 1));
    });
  });

  test('is read with the keyboard alone, the focus staying on the grid', async () => {
    const call = add();
    await visit(pathOf(call), async (page) => {
      const grid = page.locator('[role=treegrid]');
      await grid.focus();
      for (let at = 0; at < 20; at++) await page.keyboard.press('k');
      expect(await selected(page).innerText()).toContain('answering the phone');
      for (let at = 0; at < 3; at++) await page.keyboard.press('j');
      expect(await selected(page).getAttribute('aria-expanded')).toBe('false');
      await page.keyboard.press('ArrowRight');
      expect(await selected(page).getAttribute('aria-expanded')).toBe('true');
      await page.keyboard.press('ArrowRight');
      expect(await selected(page).getAttribute('aria-level')).toBe('2');
      expect(await grid.getAttribute('aria-activedescendant')).toBe(await selected(page).getAttribute('id'));
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await page.keyboard.press('l');
      await page.locator('.row-log').first().waitFor();
      expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('treegrid');
    });
  });

  test('grows while it goes on, without losing what was selected', async () => {
    const call = createSampleCall({ startedAtMs: Date.now() - 12_000, withGap: true });
    showCallAt(stage.server, call, call.summary.startedAtMs + 6000);
    await visit(pathOf(call), async (page) => {
      await page.getByText('Live: the caller is speaking in turn 1.').waitFor();
      await row(page, 'heard the caller').click();
      const before = await selected(page).getAttribute('id');
      const widthOf = async () => (await selected(page).locator('.mark').boundingBox())?.width ?? 0;
      const width = await widthOf();
      await page.waitForFunction(
        (least) => (document.querySelector('[aria-selected=true] .mark')?.getBoundingClientRect().width ?? 0) > least,
        width,
      );
      showCallAt(stage.server, call, call.summary.startedAtMs + 12_500);
      await page.getByText('Live: the caller is speaking in turn 2.').waitFor();
      expect(await selected(page).getAttribute('id')).toBe(before);
      showCallAt(stage.server, call, call.summary.startedAtMs + 100_000);
      await page.getByText('The caller waited 2.43 s in turn 3').waitFor();
      expect(await selected(page).getAttribute('id')).toBe(before);
      expect(await page.locator('.facts').innerText()).toContain('record saved');
    });
  });

  test('marks a failed step with a word, not by colour alone', async () => {
    const call = add({ failsToSave: true });
    await visit(pathOf(call), async (page) => {
      await page.getByText('One step failed: saving the record in turn 4').waitFor();
      await page.keyboard.press('l');
      const grid = page.locator('[role=treegrid]');
      await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      expect(await row(page, 'saving the record').first().innerText()).toContain('error');
    });
  });

  test('stays smooth with ten thousand spans: only the rows in view are in the document', async () => {
    const call = createSampleCall({ startedAtMs: Date.now() - 60_000 });
    const [first] = call.spans;
    if (!first) throw new Error('no span');
    const many = Array.from({ length: 10_000 }, (_, at) => ({
      ...first,
      spanId: `b${at.toString(16).padStart(15, '0')}`,
      parentSpanId: first.spanId,
      name: `step ${at}`,
      startMs: first.startMs + at,
    }));
    stage.server.calls.set(call.summary.callSid, { ...call, spans: [...call.spans, ...many] });
    await visit(`${pathOf(call)}`, async (page) => {
      await page.locator('[role=row]').nth(3).waitFor();
      await page.keyboard.press('r');
      const grid = page.locator('[role=treegrid]');
      await page.waitForFunction(
        () => Number(document.querySelector('[role=treegrid]')?.getAttribute('aria-rowcount')) > 10_000,
      );
      await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
      await row(page, 'step 50').first().waitFor();
      expect(await page.locator('[role=row]').count()).toBeLessThan(80);
    });
  });

  test('speaks French to who asks for it', async () => {
    const call = add({ withGap: true });
    await visit(
      pathOf(call),
      async (page) => {
        await page.getByText('L’appelant a attendu 2,43 s au tour 3').waitFor();
        expect(await page.locator('html').getAttribute('lang')).toBe('fr-FR');
      },
      { locale: 'fr-FR' },
    );
  });
});
