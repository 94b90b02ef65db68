import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser that `CHROMIUM_PATH` names or that is on PATH, null where there is none. */
function findBrowser(): string | null {
  const named = process.env.CHROMIUM_PATH;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [
    ...(named ? [named] : []),
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
  ];
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A headless browser for a test, null where a person has none (one line says so; the test then passes over).
 * @throws Error with `CI=true`, where a missing browser is a failure
 */
export async function startBrowser(): Promise<Browser | null> {
  const executablePath = findBrowser();
  if (executablePath) return chromium.launch({ executablePath, args: FLAGS });
  const message = `No browser found (${NAMES.join(', ')}; CHROMIUM_PATH names another): browser tests are passed over.`;
  if (process.env.CI === 'true') throw new Error(message);
  process.stderr.write(`${message}\n`);
  return null;
}
