import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestReceiver } from 'callspan/testing';
import { type PackedKit, packKit, runNode } from '../helpers/packed-kit.ts';

/** Names of the bot that the fragments stand in. */
const TAKEN_FOR_GRANTED = `
import type { Callspan, CallTrace, RealtimeSocket, tapMediaStream } from 'callspan';
import type { CallspanMatchers, TestTelemetry } from 'callspan/testing';

declare global {
  const callSid: string;
  const streamSid: string;
  const accountSid: string;
  const traceparent: string | undefined;
  const turnIndex: number;
  const socket: Parameters<typeof tapMediaStream>[2];
  const realtimeSocket: RealtimeSocket;
  const call: CallTrace;
  const callspan: Callspan;
  const audio: Uint8Array;
  const crm: { findCustomer(id: string): Promise<string> };
  let passages: string[];
  const question: string;
  const telemetry: TestTelemetry;
  function answer(): Promise<void>;
  function transcribe(audio: Uint8Array): Promise<string>;
  function reply(text: string): AsyncIterable<string>;
  function search(question: string): Promise<string[]>;
  function report(...facts: unknown[]): void;
  function decodeAudio(payload: string): Int16Array;
  const process: { once(event: string, listener: () => void): void; exit(code: number): never };
  function expect(value: unknown): CallspanMatchers;
  namespace expect {
    function extend(matchers: object): void;
  }
}
`;

const readme = readFileSync(join('otel', 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code = '']) => ({
  language,
  code,
}));
/** A block that is a whole file says so in its first line. */
const nameOf = (code: string) => /^\/\/ ([\w.-]+\.[mc]?js)\n/.exec(code)?.[1];

let kit: PackedKit;
let project: string;
beforeAll(async () => {
  kit = await packKit();
  project = await kit.install('reader');
  for (const { code } of blocks) {
    const name = nameOf(code);
    if (name) writeFileSync(join(project, name), code);
  }
}, 110_000);
afterAll(() => kit.close());

test('the first trace in one file is made, printed and exported', async () => {
  const receiver = await startTestReceiver();
  try {
    const said = await runNode(project, ['--require', 'callspan/preload', 'first-trace.mjs'], receiver.env);
    const call = receiver.spans().find(({ name }) => name === 'voice.call');
    expect(said.trim()).toBe(`Ada in trace ${call?.traceId}`);
  } finally {
    await receiver.close();
  }
});

test('the tests that it shows pass', async () => {
  const said = await runNode(project, ['--test', 'stages.test.mjs', 'receiver.test.mjs']);
  expect(said).toMatch(/^. pass 2$/m);
  expect(said).toMatch(/^. fail 0$/m);
});

test("a preload of one's own sees the spans of a bot", async () => {
  const said = await runNode(project, ['--require', './my-preload.cjs', 'first-trace.mjs'], {
    OTEL_TRACES_EXPORTER: 'none',
  });
  expect(said.split('\n')).toEqual(expect.arrayContaining(['execute_tool find_customer', 'voice.call']));
});

test('every fragment of TypeScript compiles against the package in a strict project', () => {
  const folder = join(project, 'fragments');
  mkdirSync(folder);
  writeFileSync(join(project, 'readme.d.ts'), TAKEN_FOR_GRANTED);
  // The only packages that a fragment names beside the kit's own.
  for (const name of ['openai', 'typescript'])
    symlinkSync(join(process.cwd(), 'node_modules', name), join(project, 'node_modules', name), 'dir');
  const fragments = blocks.filter(({ language }) => language === 'ts');
  for (const [index, { code }] of fragments.entries()) {
    const whole = code.replace(/declare module 'vitest'[\s\S]*?^}\n/m, '');
    writeFileSync(join(folder, `fragment-${index}.mts`), `${whole}\nexport {};\n`);
  }
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'dom', 'esnext.disposable'],
    types: [],
  };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['fragments', 'readme.d.ts'] }),
  );
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: project, encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(fragments.length).toBeGreaterThan(5);
});

test('it tells every variable that the kit reads', () => {
  const table = readme.slice(readme.indexOf('## Settings'), readme.indexOf('## Stages'));
  const sources = readdirSync(join('otel', 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /config\.ts$/.test(file),
  );
  const read = sources.flatMap((file) => [
    ...readFileSync(join('otel', 'src', file), 'utf8').matchAll(/\benv\.((?:CALLSPAN|LOG|INFLUXDB)_[A-Z_]+)/g),
  ]);
  const names = new Set(read.map((match) => match[1] ?? ''));
  // Of the simulated line alone.
  names.delete('CALLSPAN_SPEED');
  expect(names.size).toBeGreaterThan(8);
  expect([...names].filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});
