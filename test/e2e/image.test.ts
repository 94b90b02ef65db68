import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ContainedServices, containServices } from '../helpers/contained-services.ts';
import { IMAGE_USER, makeImageTree } from '../helpers/image-tree.ts';
import { writeStrongSecrets } from '../helpers/stack-secrets.ts';

// No container engine is needed: what the Dockerfile puts into the image is put into a folder that cannot be written, and run
// by a user without rights as docker-compose.yml says.
const STARTED = ['viewer', 'records', 'openai', 'bot', 'caller'];
let folder = '';
let tree = '';
let services: ContainedServices;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-image-'));
  chmodSync(folder, 0o755);
  tree = join(folder, 'app');
  mkdirSync(tree);
  await makeImageTree(tree);
  services = await containServices(tree, folder, { CALLSPAN_SPEED: '10', TWILIO_SIM_CALLS_PER_MINUTE: '0' });
  for (const name of STARTED) await services.start(name);
}, 240_000);
afterAll(async () => {
  for (const name of STARTED) await services?.stop(name);
  await promisify(execFile)('chmod', ['-R', 'u+w', tree]);
  rmSync(folder, { recursive: true });
});

const ask = async (url: string, token?: string) => {
  const answer = await fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

test('a simulated call goes through the services as containers run them: heard, answered, saved, and seen by the viewer', async () => {
  const line = services.address('caller', 3003);
  const order = { script: 'appointment-en', wait: true };
  const placed = await fetch(`${line}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  const { callSid } = (await placed.json()) as { callSid: string };
  const token = services.secret('callspan_operations_token');
  const records = await ask(`${services.address('records', 3001)}/records?callSid=${callSid}`, token);
  expect(records).toMatchObject({ status: 200, body: { records: [{ callSid }] } });
  for (const deadline = Date.now() + 20_000; ; ) {
    const seen = await ask(`${services.address('viewer', 4300)}/api/v1/calls/${callSid}`, token);
    if (seen.body.state === 'ended' || Date.now() > deadline) {
      expect(seen.body).toMatchObject({ callSid, state: 'ended', outcome: 'saved' });
      break;
    }
  }
}, 90_000);

test('records, page and telemetry ask for their token, and the stand-in for its key', async () => {
  const doors: readonly (readonly [string, number, string])[] = [
    ['records', 3001, '/records?callSid=CA00000000000000000000000000000000'],
    ['viewer', 4300, '/api/v1/calls'],
    ['viewer', 4318, '/v1/traces'],
    ['openai', 3002, '/v1/models'],
  ];
  const statuses = await Promise.all(
    doors.map(([name, port, path]) => fetch(`${services.address(name, port)}${path}`)),
  );
  expect(statuses.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
});

test('the page was built with the image, and is served', async () => {
  const page = await fetch(services.address('viewer', 4300), {
    headers: { authorization: `Bearer ${services.secret('callspan_operations_token')}` },
  });
  expect(await page.text()).toContain('<script type="module"');
});

test('a service that is stopped as containers are ends by itself', async () => {
  expect(await services.stop('bot')).toBe(0);
  expect(await services.stop('records')).toBe(0);
}, 30_000);

test('the image holds what looks at the secrets before anything starts, what asks the engines, and what makes the backups', async () => {
  const run = (script: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
    promisify(execFile)(join(folder, 'node'), ['--conditions=source', join(tree, script), ...args], { cwd: tree, env });
  const secrets = join(folder, 'strong');
  mkdirSync(secrets);
  writeStrongSecrets(secrets);
  const config = 'collector/alertmanager/alertmanager.generated.yaml';
  // Compose mounts it.
  await promisify(execFile)('chmod', ['u+w', tree]);
  mkdirSync(join(tree, 'collector/alertmanager'), { recursive: true });
  writeFileSync(join(tree, config), '');
  const checked = await run('scripts/doctor/stack/secrets-command.ts', [], { CALLSPAN_SECRETS_DIR: secrets });
  expect(checked.stdout).toContain('as they should be');
  const doctor = await run('scripts/doctor/main.ts', ['--help'], {});
  expect(doctor.stdout).toContain('alerts');
  await expect(run('scripts/backup/copy-database.ts', [], {})).rejects.toThrow('usage: copy-database.ts FROM TO');
  await expect(run('scripts/backup/daily.ts', [], { CALLSPAN_BACKUPS_KEPT: 'many' })).rejects.toThrow(
    'CALLSPAN_BACKUPS_KEPT',
  );
});

test('nothing of the image can be written by its user', async () => {
  if (IMAGE_USER.uid === undefined) return;
  const write = promisify(execFile)('sh', ['-c', 'touch services/x || touch node_modules/x || touch x'], {
    cwd: tree,
    ...IMAGE_USER,
  });
  await expect(write).rejects.toThrow('Permission denied');
});
