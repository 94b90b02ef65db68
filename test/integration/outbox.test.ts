import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startTestBot } from '../helpers/test-bot.ts';
import { startTestCaller } from '../helpers/test-caller.ts';

const NOBODY_LISTENS = 'http://127.0.0.1:9';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-outbox-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function attemptsNoted(): number {
  const database = new DatabaseSync(join(folder, 'bot', 'outbox.db'), { readOnly: true });
  try {
    return Number(database.prepare('SELECT attempts FROM outbox').get()?.attempts);
  } finally {
    database.close();
  }
}

test('a record noted while the records service was away is delivered after a restart, once, in the trace of its call', async () => {
  const first = await startTestBot({ RECORDS_URL: NOBODY_LISTENS }, folder);
  const line = await startTestCaller(first);
  const call = await line.call('appointment-fr');
  expect(call.turns.at(-1)?.heardFromBot).toContain("C'est noté");
  expect(call.record).toBeNull();
  const save = await first.recorder.ended('execute_tool save_record');
  expect(save.attributes).toMatchObject({ 'voice.save.outcome': 'queued', 'voice.save.attempts': 1 });
  await line.close();
  await first.close();
  // One, and one for each time that it was tried again before the bot was closed.
  const attempts = attemptsNoted();

  const second = await startTestBot({}, folder);
  const records = async () => {
    const answer = await fetch(`${second.recordsUrl}/records?callSid=${call.callSid}`);
    return ((await answer.json()) as { records: { name: string; traceId: string }[] }).records;
  };
  while ((await records()).length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await records()).toEqual([
    expect.objectContaining({ name: 'Claire Fontaine', traceId: save.spanContext().traceId }),
  ]);
  const delivery = await second.recorder.ended('voice.outbox.delivery');
  await second.close();
  expect(delivery.spanContext().traceId).toBe(save.spanContext().traceId);
  expect(delivery.attributes).toMatchObject({ 'voice.save.outcome': 'saved', 'voice.save.attempts': attempts + 1 });
}, 40_000);
