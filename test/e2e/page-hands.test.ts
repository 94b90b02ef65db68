import type { Page } from 'playwright-core';
import { pageStageForTests, pathOf } from '../helpers/page-visit.ts';
import { createSampleCall, cutCall } from '../helpers/sample-call.ts';

const stage = pageStageForTests();

const focusedTitle = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('title'));
const focusedRole = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('role'));
const addCalls = (count: number) =>
  Array.from({ length: count }, (_, at) => stage.add({ seed: 40 + at, startedAtMs: Date.now() - (at + 2) * 60_000 }));

test('who comes back from a call goes on from its row', async () => {
  const calls = addCalls(4);
  const sids = calls.map(({ summary }) => summary.callSid);
  await stage.visit('/', async (page) => {
    await page.locator('.call-table tbody tr').nth(3).waitFor();
    for (const key of ['j', 'j', 'j', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('treegrid').waitFor();
    for (const key of ['Escape', 'Escape']) await page.keyboard.press(key);
    await page.locator('.call-table').waitFor();
    expect(await focusedTitle(page)).toBe(sids[2]);
    await page.keyboard.press('j');
    expect(await focusedTitle(page)).toBe(sids[3]);
    await page.keyboard.press('Enter');
    await page.getByRole('treegrid').waitFor();
    await page.goBack();
    await page.locator('.call-table').waitFor();
    expect(await focusedTitle(page)).toBe(sids[3]);
  });
});

test('the key of the search leads from a call into the search itself', async () => {
  const [call] = addCalls(2);
  await stage.visit(call ? pathOf(call) : '/', async (page) => {
    await page.getByRole('treegrid').waitFor();
    await page.keyboard.press('/');
    await page.locator('.call-table').waitFor();
    await page.keyboard.type('CA');
    expect(await page.getByRole('searchbox').inputValue()).toBe('CA');
  });
});

test('a row that the keys go up to is not hidden by the head of the table', async () => {
  addCalls(30);
  await stage.visit(
    '/',
    async (page) => {
      await page.locator('.call-table tbody tr').nth(29).waitFor();
      for (let at = 0; at < 30; at++) await page.keyboard.press('j');
      for (let at = 0; at < 29; at++) {
        await page.keyboard.press('k');
        const hiddenPx = await page.evaluate(() => {
          const row = document.activeElement?.closest('tr')?.getBoundingClientRect();
          const head = document.querySelector('th')?.getBoundingClientRect();
          return (head?.bottom ?? 0) - (row?.top ?? 0);
        });
        expect(hiddenPx).toBeLessThanOrEqual(1);
      }
    },
    { height: 320 },
  );
});

test('the arrows scroll a part of the panel that has the focus, and closing the panel gives the focus to the rows', async () => {
  const call = stage.add({ withGap: true });
  await stage.visit(pathOf(call), async (page) => {
    const part = page.locator('.attributes').locator('xpath=..');
    await part.focus();
    const selected = () => page.locator('[role=row][aria-selected=true]').getAttribute('id');
    const before = await selected();
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => (document.activeElement?.scrollTop ?? 0) > 0);
    expect(await selected()).toBe(before);
    await page.keyboard.press('j');
    expect(await selected()).not.toBe(before);
    await page.getByRole('button', { name: 'Close' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.panel').count()).toBe(0);
    expect(await focusedRole(page)).toBe('treegrid');
  });
});

test('an id is copied also where the browser has no clipboard, and the button says so', async () => {
  const call = stage.add();
  await stage.visit(pathOf(call), async (page) => {
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
      document.addEventListener('copy', () => {
        document.title = String(getSelection());
      });
    });
    const button = page.getByRole('button', { name: 'Copy call id' });
    await button.click();
    await page.waitForFunction((sid) => document.title === sid, call.summary.callSid);
    expect(await button.innerText()).toBe('Copied');
    expect(await page.locator('textarea').count()).toBe(0);
  });
});

test('a step can be handed on: its link opens the call at it', async () => {
  const call = stage.add({ withGap: true });
  await stage.visit(pathOf(call), async (page) => {
    await page.getByRole('treegrid').waitFor();
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
      document.addEventListener('copy', () => {
        document.title = String(getSelection());
      });
    });
    await page.locator('.row-turn', { hasText: 'turn 1' }).click();
    await page.locator('.row', { hasText: 'spoke' }).first().click();
    const spanId = await page.locator('[role=row][aria-selected=true]').getAttribute('id');
    await page.getByRole('button', { name: 'Copy link to this step' }).click();
    await page.waitForFunction(() => document.title.startsWith('http'));
    await page.goto(await page.title());
    await page.getByRole('treegrid').waitFor();
    expect(await page.locator('[role=row][aria-selected=true]').getAttribute('id')).toBe(spanId);
  });
});

test('a call that goes on leaves the rows of the others as they are', async () => {
  addCalls(3);
  const live = cutCall(createSampleCall({ startedAtMs: Date.now() - 9000, seed: 90 }), Date.now());
  stage.server.calls.set(live.summary.callSid, live);
  await stage.visit('/', async (page) => {
    const elapsed = page.locator('.state-live .call-duration');
    await elapsed.waitFor();
    const before = await elapsed.innerText();
    const changed = await page.evaluate(async () => {
      const others: unknown[] = [];
      const reads = { count: 0 };
      const toISOString = Date.prototype.toISOString;
      // Each row that is drawn writes its moment.
      Date.prototype.toISOString = function () {
        reads.count += 1;
        return toISOString.call(this);
      };
      const cell = document.querySelector('.state-live .call-duration');
      await new Promise<void>((resolve) => {
        const seen = new MutationObserver((changes) => {
          others.push(...changes);
          if (others.length < 10) return;
          seen.disconnect();
          resolve();
        });
        if (cell) seen.observe(cell, { characterData: true, childList: true, subtree: true });
      });
      return reads.count;
    });
    // The list is fetched once more when the live stream opens, which draws each of the four again.
    expect(changed).toBeLessThan(10);
    expect(await elapsed.innerText()).not.toBe(before);
  });
});
