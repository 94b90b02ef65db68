import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string;
let data: string;
let closedPort: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-reset-'));
  data = join(folder, 'data');
  mkdirSync(join(data, 'records'), { recursive: true });
  writeFileSync(join(data, 'records', 'records.db'), 'x');
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  closedPort = String((probe.address() as AddressInfo).port);
  probe.close();
  await once(probe, 'close');
});
afterEach(() => rmSync(folder, { recursive: true }));

function runReset(args: readonly string[], env: Record<string, string> = {}) {
  const ports = { BOT_PORT: closedPort, RECORDS_PORT: closedPort, VIEWER_PORT: closedPort };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/reset.ts', ...args], {
    encoding: 'utf8',
    env: { HOME: homedir(), CALLSPAN_DATA_DIR: data, ...ports, ...env },
  });
  return { status, stdout, stderr };
}

describe('npm run reset', () => {
  test('empties the data folder with --yes and keeps the folder itself', () => {
    expect(runReset(['--yes'])).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(data)).toEqual([]);
  });

  test('with --help says what it would empty, and empties nothing', () => {
    expect(runReset(['--help', '--yes'])).toMatchObject({ status: 0, stdout: expect.stringContaining('--yes') });
    expect(readdirSync(data)).toEqual(['records']);
  });

  test('deletes nothing without --yes when nobody can be asked', () => {
    expect(runReset([])).toMatchObject({ status: 1, stderr: expect.stringContaining('--yes') });
    expect(existsSync(join(data, 'records', 'records.db'))).toBe(true);
  });

  test('deletes nothing from a folder that holds something else', () => {
    writeFileSync(join(data, 'thesis.docx'), 'years of work');
    const { status, stderr } = runReset(['--yes']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^reset: .*thesis\.docx.*\n$/);
    expect(readdirSync(data)).toEqual(['records', 'thesis.docx']);
  });

  test('keeps what engines have that were started by hand beside the set', () => {
    mkdirSync(join(data, 'prometheus', 'wal'), { recursive: true });
    expect(runReset(['--yes'])).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(data)).toEqual(['prometheus']);
  });

  // Without --yes: if the check ever breaks, this test must not be what deletes the checkout.
  test.each([process.cwd(), '..', '/', homedir()])('refuses %s for what it is, before anything else', (path) => {
    expect(runReset([], { CALLSPAN_DATA_DIR: path })).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('is or holds your working or home folder'),
    });
  });

  test('removes a symbolic link, not what it points to', () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'kept'), 'x');
    symlinkSync(elsewhere, join(data, 'viewer'));
    expect(runReset(['--yes']).status).toBe(0);
    expect(existsSync(join(elsewhere, 'kept'))).toBe(true);
  });

  test.each(['BOT_PORT', 'RECORDS_PORT', 'VIEWER_PORT'])(
    'deletes nothing while something answers on %s',
    async (name) => {
      const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const port = String((server.address() as AddressInfo).port);
      const { status, stderr } = runReset(['--yes'], { [name]: port });
      server.close();
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: `reset: something answers on 127.0.0.1:${port} (${name}): stop Callspan first\n`,
      });
      expect(existsSync(join(data, 'records', 'records.db'))).toBe(true);
    },
  );

  test('says that there is nothing to delete', () => {
    rmSync(data, { recursive: true });
    expect(runReset(['--yes'])).toEqual({ status: 0, stdout: 'Nothing to delete.\n', stderr: '' });
  });

  test('refuses a flag that it does not know', () => {
    expect(runReset(['--yess'])).toMatchObject({ status: 1, stderr: expect.stringContaining('--yess') });
    expect(readdirSync(data)).toEqual(['records']);
  });
});
