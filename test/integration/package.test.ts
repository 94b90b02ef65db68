import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CallspanMatchers,
  callspanMatchers,
  findCall,
  startTestReceiver,
  type TestReceiver,
} from 'callspan/testing';
import { publint } from 'publint';
import { runCallCommand } from '../helpers/call-command.ts';
import { killExamples, startExample } from '../helpers/example.ts';
import { openHarness } from '../helpers/openai-standin.ts';
import { copyFixture, type PackedKit, packKit, runNode } from '../helpers/packed-kit.ts';

declare global {
  namespace jest {
    interface Matchers<R> extends CallspanMatchers<R> {}
  }
}
expect.extend(callspanMatchers);

/** What must be there once, or two of it see half of the telemetry each. */
const ONCE = ['api', 'core', 'sdk-trace', 'sdk-logs', 'sdk-metrics', 'sdk-node', 'resources', 'instrumentation'];
const INSTALL_MS = 110_000;
const AUTO = '@opentelemetry/auto-instrumentations-node';

let kit: PackedKit;
let project: string;
let receiver: TestReceiver;
beforeAll(async () => {
  kit = await packKit();
  project = await kit.install('alone');
  receiver = await startTestReceiver();
}, INSTALL_MS);
afterEach(() => receiver.reset());
afterAll(async () => {
  await receiver.close();
  kit.close();
});

type Manifest = Readonly<Record<string, unknown>> & {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { optional: boolean }>>;
};
const manifest = () => JSON.parse(readFileSync(join(kit.folder, 'package.json'), 'utf8')) as Manifest;
const filesOf = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });

/** Versions of a package of OpenTelemetry, wherever in a project they are. */
function copiesOf(name: string, folder: string): string[] {
  const suffix = join('node_modules', '@opentelemetry', name, 'package.json');
  const found = filesOf(folder).filter((file) => file.endsWith(suffix));
  return found.map((file) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { version: string }).version);
}

test('publint finds nothing', async () => {
  const { messages } = await publint({ pkgDir: kit.folder });
  expect(messages).toEqual([]);
});

test('its types resolve for whoever imports, requires or bundles it', () => {
  const attw = join('node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const { status, stdout } = spawnSync(process.execPath, [attw, kit.tarball, '--profile', 'node16', '--no-color'], {
    encoding: 'utf8',
  });
  expect(stdout).toContain('callspan/testing');
  expect(status).toBe(0);
});

test('it runs nothing at installation, is not private, and names no condition whose files it lacks', () => {
  expect(Object.keys(manifest())).not.toEqual(expect.arrayContaining(['scripts']));
  expect(manifest().private).toBeUndefined();
  expect(JSON.stringify(manifest().exports)).not.toContain('"source"');
});

test('it declares every package that its files load, and no other', () => {
  const files = filesOf(kit.folder).filter((file) => /\.(cjs|mjs|cts|mts)$/.test(file));
  const text = files.map((file) => readFileSync(join(kit.folder, file), 'utf8')).join('\n');
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest();
  const declared = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
  const named = text.matchAll(
    /(?:require|load|import|from)\s*\(?\s*["']((?:@[a-z-]+\/)?[a-z][a-z0-9.-]*)(?:\/[^"']*)?["']/g,
  );
  const loaded = new Set([...named].map((match) => match[1] ?? '').filter((name) => !isBuiltin(name)));
  // Types of ws are what a user of ws has.
  expect([...loaded].filter((name) => !declared.includes(name) && name !== 'ws')).toEqual([]);
  const optional = Object.keys(peerDependenciesMeta);
  expect(declared.filter((name) => !text.includes(name) && !optional.includes(name))).toEqual([]);
});

test('installed alone it brings one copy of each part of the SDK', () => {
  expect(ONCE.map((name) => [name, copiesOf(name, project).length])).toEqual(ONCE.map((name) => [name, 1]));
});

test(
  'with the optional instrumentations and the overrides of its README there is still one copy of each',
  async () => {
    const block = /```json\n(\{\s*"overrides"[\s\S]*?)```/.exec(readFileSync(join(kit.folder, 'README.md'), 'utf8'));
    const { overrides } = JSON.parse(block?.[1] ?? '{}') as { overrides: object };
    const version = manifest().peerDependencies[AUTO] ?? '';
    const withPeer = await kit.install('with-peer', { dependencies: { [AUTO]: version }, overrides });
    expect(ONCE.map((name) => [name, copiesOf(name, withPeer).length])).toEqual(ONCE.map((name) => [name, 1]));
    expect(copiesOf('auto-instrumentations-node', withPeer)).toHaveLength(1);
    copyFixture(withPeer, 'bot.mjs');
    await runNode(withPeer, ['--require', 'callspan/register', 'bot.mjs'], receiver.env);
    expect(findCall(receiver, 'CA1').spans.filter(({ kind }) => kind === 'client')).toHaveLength(1);
  },
  INSTALL_MS,
);

test('who imports and who requires it get the same functions and the same state', async () => {
  copyFixture(project, 'both.mjs');
  const result = JSON.parse(await runNode(project, ['both.mjs']));
  expect(result).toEqual({
    names: expect.any(Number),
    others: [],
    seen: 'CA1',
    asOf: expect.any(String),
    version: manifest().version,
  });
  expect(result.names).toBeGreaterThan(20);
});

test.each(['bot.mjs', 'bot.cjs'])('under the preload %s exports one trace, each request once', async (bot) => {
  copyFixture(project, bot);
  await runNode(project, ['--require', 'callspan/preload', bot], { ...receiver.env, OTEL_SERVICE_NAME: 'bot' });
  const call = findCall(receiver, 'CA1');
  expect(call).toHaveOneTrace();
  expect(call).toHaveStage('save');
  expect(call.spans.filter(({ kind }) => kind === 'client')).toHaveLength(1);
  expect(call.spans[0]?.resource).toMatchObject({ 'service.name': 'bot', 'process.pid': expect.any(Number) });
});

test('an untouched bot under the register gives one trace with the calls of its models', async () => {
  const { standin } = await openHarness();
  cpSync('examples', join(project, 'examples'), { recursive: true });
  // What a bot has by itself; nothing of OpenTelemetry among it.
  for (const name of ['express', 'openai', 'twilio', 'ws']) {
    symlinkSync(join(process.cwd(), 'node_modules', name), join(project, 'node_modules', name), 'dir');
  }
  writeFileSync(join(project, 'examples', 'package.json'), JSON.stringify({ type: 'module' }));
  const models = { OPENAI_BASE_URL: `${standin.url}/v1`, OPENAI_API_KEY: 'any' };
  const env = { ...models, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const nodeArgs = ['--require', 'callspan/register'];
  const bot = await startExample({ file: 'untouched-express/bot.js', nodeArgs, env, project });
  try {
    const args = ['--json', '--script', 'one-question', '--webhook', `${bot.url}/voice`];
    const { stdout } = await runCallCommand({ args, env: { CALLSPAN_SPEED: '1' } });
    const isThere = () => receiver.spans().some(({ name }) => name === 'voice.call');
    await receiver.waitFor(`the call of ${bot.output()}`, isThere);
    const call = findCall(receiver, (JSON.parse(stdout) as { callSid: string }).callSid);
    expect(call).toHaveOneTrace();
    const kinds = new Set(call.spans.map(({ name }) => name.split(' ', 1)[0]));
    expect([...kinds]).toEqual(expect.arrayContaining(['POST', 'voice.call', 'voice.turn', 'speech_to_text', 'chat']));
  } finally {
    killExamples();
    await standin.close();
  }
}, 60_000);

test('turned off it runs the bot and sends nothing', async () => {
  copyFixture(project, 'bot.mjs');
  const env = { ...receiver.env, OTEL_SDK_DISABLED: 'true' };
  await runNode(project, ['--require', 'callspan/preload', 'bot.mjs'], env);
  expect([...receiver.spans(), ...receiver.openSpans()]).toEqual([]);
});

test.each(['mts', 'cts'])('a strict TypeScript project of .%s files compiles against its types', (extension) => {
  const file = join(project, `user.${extension}`);
  writeFileSync(
    file,
    `import { createCallspan, replyStage, type CallTrace } from 'callspan';
     import { SpanName } from 'callspan/conventions';
     import { startTelemetry, type TelemetryParts } from 'callspan/sdk';
     import { findCall, createTestTelemetry } from 'callspan/testing';
     const parts: TelemetryParts = { spanProcessors: [] };
     startTelemetry(parts);
     const call: CallTrace = createCallspan().startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
     const name: 'voice.call' = SpanName.call;
     const wrong: number = findCall(createTestTelemetry()).callSid;
     export { call, name, replyStage, wrong };`,
  );
  const tsc = join(process.cwd(), 'node_modules', 'typescript', 'bin', 'tsc');
  const options = [
    '--strict',
    '--noEmit',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    '',
  ];
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, file], { cwd: project, encoding: 'utf8' });
  expect(stdout.trim()).toMatch(
    /^user\.[mc]ts\(9,\d+\): error TS2322: Type 'string' is not assignable to type 'number'\.$/,
  );
});

function isBuiltin(name: string): boolean {
  return process.getBuiltinModule(name) !== undefined;
}
