import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SpanName } from 'callspan/conventions';
import type { Page } from 'playwright-core';
import { buildPage, pageDistFolder } from '../../services/viewer/page/build.ts';
import { findViolations, measureOverflow } from '../helpers/axe.ts';
import { showCallAt } from '../helpers/page-server.ts';
import { pageStageForTests, pathOf, shoot } from '../helpers/page-visit.ts';
import { createSampleCall } from '../helpers/sample-call.ts';

const stage = pageStageForTests();

/** Figures of limits that lie on a bar or run out of their row. */
function listCoveredFigures(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.limit-figure')]
      .filter((figure) => {
        const row = figure.closest('.row')?.getBoundingClientRect();
        const { left, right } = figure.getBoundingClientRect();
        const marks = [...(figure.parentElement?.querySelectorAll('.mark') ?? [])].map((mark) =>
          mark.getBoundingClientRect(),
        );
        const isOut = !row || left < row.left || right > row.right;
        return isOut || marks.some((mark) => mark.left < right - 1 && mark.right > left + 1);
      })
      .map((figure) => `${figure.textContent} of ${figure.closest('.row')?.textContent}`),
  );
}

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, width })),
);

test.each(looks)(
  'looks right and is accessible: $colorScheme, $width px',
  async ({ colorScheme, width }) => {
    const call = stage.add({ withGap: true, seed: 7 });
    stage.add({ seed: 8, language: 'en', startedAtMs: Date.now() - 400_000 });
    stage.add({ seed: 9, failsToSave: true, startedAtMs: Date.now() - 900_000 });
    showCallAt(stage.server, createSampleCall({ startedAtMs: Date.now() - 11_000, seed: 11 }), Date.now());
    const view = { colorScheme, width, height: width < 500 ? 844 : 800 };
    const check = async (page: Page, name: string) => {
      await shoot(page, `${name}-${colorScheme}-${width}`);
      expect(await findViolations(page)).toEqual([]);
      expect(await measureOverflow(page)).toBeLessThanOrEqual(0);
      expect(await listCoveredFigures(page)).toEqual([]);
    };
    await stage.visit(
      '/',
      async (page) => {
        await page.locator('tbody tr').nth(3).waitFor();
        await check(page, 'calls');
      },
      view,
    );
    await stage.visit(
      pathOf(call),
      async (page) => {
        await page.locator('[role=row]').nth(5).waitFor();
        await check(page, 'call');
        if (width < 500) await page.locator('.row-wait').click();
        else await page.keyboard.press('z');
        await page.locator('.panel').waitFor();
        await check(page, width < 500 ? 'call-selected' : 'call-zoomed');
      },
      view,
    );
    const hard = stage.add({ withGap: true, language: 'hard', seed: 12, hasUnknownCost: true });
    await stage.visit(
      pathOf(hard),
      async (page) => {
        await page.locator('.waits button').nth(3).waitFor();
        await check(page, 'call-hard');
        await page.locator('button.cost').click();
        await page.locator('.cost-dialog').waitFor();
        await check(page, 'call-cost');
      },
      view,
    );
    const going = createSampleCall({ startedAtMs: Date.now() - 25_000, seed: 13, withGap: true });
    const third = going.spans.filter(({ name }) => name === SpanName.responseGap)[2];
    showCallAt(stage.server, going, (third?.startMs ?? 0) + 1000);
    await stage.visit(
      pathOf(going),
      async (page) => {
        await page.locator('.wait-waiting').waitFor();
        await check(page, 'call-live');
      },
      view,
    );
  },
  60_000,
);

test('the page stays within its budget of 130 KB, compressed', async () => {
  await buildPage();
  const folder = join(pageDistFolder, 'assets');
  const bytes = readdirSync(folder).reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
  expect(bytes).toBeLessThan(130_000);
});
