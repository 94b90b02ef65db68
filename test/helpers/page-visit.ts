import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { buildPage } from '../../services/viewer/page/build.ts';
import { startBrowser } from './browser.ts';
import { type PageServer, startPageServer } from './page-server.ts';
import { createSampleCall, type SampleCall, type SampleOptions } from './sample-call.ts';

/** How the page is looked at: CSS pixels, colour scheme, language. */
export type View = {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly locale?: string;
};

/** The built page, a server with made-up answers, and a browser (null where a person has none). */
type PageStage = {
  readonly server: PageServer;
  /** Adds a call that ended two minutes ago, or as the options say. */
  add(options?: Partial<SampleOptions>): SampleCall;
  /** Runs with a fresh page at an address and throws on anything that the browser complains about. Passes over without a browser. */
  visit(path: string, run: (page: Page) => Promise<void>, view?: View): Promise<void>;
  /** Forgets calls and faults. */
  reset(): void;
  close(): Promise<void>;
};

/** Builds the page if it is not fresh, and opens what its tests need. */
async function startPageStage(): Promise<PageStage> {
  const browser = await startBrowser();
  if (browser) await buildPage();
  const server = await startPageServer();
  return {
    server,
    add(options = {}) {
      const call = createSampleCall({ startedAtMs: Date.now() - 120_000, ...options });
      server.calls.set(call.summary.callSid, call);
      return call;
    },
    async visit(path, run, view = {}) {
      if (browser) await visitAddress(browser, { ...view, url: server.url + path }, run);
    },
    reset() {
      server.calls.clear();
      server.failWith = null;
      server.acceptStreams();
    },
    async close() {
      await browser?.close();
      await server.close();
    },
  };
}

/** The stage of a test file: opened before its first test, as new before each, closed after the last. To be used within tests. */
export function pageStageForTests(): Pick<PageStage, 'server' | 'add' | 'visit'> {
  let stage: PageStage;
  beforeAll(async () => {
    stage = await startPageStage();
  }, 60_000);
  beforeEach(() => stage.reset());
  afterAll(() => stage?.close());
  return {
    get server() {
      return stage.server;
    },
    add: (options) => stage.add(options),
    visit: (path, run, view) => stage.visit(path, run, view),
  };
}

/** Runs with a fresh page at an address and throws on anything that the browser complains about. */
export async function visitAddress(
  browser: Browser,
  { url, ...view }: View & { readonly url: string },
  run: (page: Page) => Promise<void>,
): Promise<void> {
  await visitWith(await openContext(browser, view), url, run);
}

async function openContext(browser: Browser, view: View): Promise<BrowserContext> {
  const { width = 1280, height = 800, colorScheme = 'light', locale = 'en-GB' } = view;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale });
  context.setDefaultTimeout(10_000);
  return context;
}

async function visitWith(context: BrowserContext, url: string, run: (page: Page) => Promise<void>): Promise<void> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is what some tests are about; the page has to say so, not the console.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text());
  });
  try {
    await page.goto(url);
    await run(page);
  } finally {
    await context.close();
  }
  if (complaints.length > 0) throw new Error(`the browser complained: ${complaints.join('; ')}`);
}

/** Where a call's view is. */
export function pathOf(call: SampleCall): string {
  return `/calls/${call.summary.callSid}`;
}

/** What the page looks like now, for people: `artifacts/screenshots/NAME.png`. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join('artifacts', 'screenshots', `${name}.png`) });
}
