import { type CallerLine, createCallerLine } from '../../../services/caller/domain/caller-line.ts';
import { playScript } from '../../../services/caller/domain/play-script.ts';
import { createPlayout } from '../../../services/caller/domain/playout.ts';
import { type CallerScript, scriptSchema } from '../../../services/caller/domain/script.ts';
import { createTurns } from '../../../services/caller/domain/turn-result.ts';
import { demodulateUtterances, modulate } from '../../../services/line/modem.ts';
import { decodeMulaw, encodeMulaw } from '../../../services/line/mulaw.ts';

/** Where on the line the media clock of these tests is 0. */
const START = 160;

type BotPlan = { atMs: number; say?: string; clear?: true }[];

const script = (more: Record<string, unknown>): CallerScript => ({
  ...scriptSchema.parse({ description: 'd', language: 'fr', from: '+33199001234', maxWaitMs: 3000, ...more }),
  name: 'test',
});

/** Runs a script against a bot that speaks at fixed times, tick by tick, without any real time. */
async function play(caller: CallerScript, plan: BotPlan, lengthMs = 60_000) {
  const line: CallerLine = createCallerLine({ isMuted: caller.muted });
  const playout = createPlayout();
  const sent: Uint8Array[] = [];
  const keys: { digit: string; atMs: number }[] = [];
  const waiting = [...plan];
  let hungUpAtMs: number | null = null;
  const done = playScript(caller, line, {
    press: (digit) => keys.push({ digit, atMs: line.position() / 8 }),
    hangUp() {
      hungUpAtMs = line.position() / 8;
    },
    leastPauseMs: 0,
  }).catch(() => undefined);
  while (line.position() / 8 < lengthMs && hungUpAtMs === null) {
    for (let next = waiting[0]; next && next.atMs <= line.position() / 8; next = waiting[0]) {
      if (next.clear) {
        playout.clear();
        line.noteClear();
      }
      if (next.say !== undefined) playout.append(encodeMulaw(modulate(next.say, { voice: 'agent' })));
      waiting.shift();
    }
    line.tick((frame) => {
      sent.push(frame);
      return playout.play();
    });
    await new Promise(setImmediate);
  }
  line.close();
  await done;
  const pcm = decodeMulaw(Buffer.concat(sent));
  const said = demodulateUtterances(pcm, { voice: 'caller' }).map(({ text, startSample }) => ({
    text,
    atMs: startSample / 8,
  }));
  return { said, keys, hungUpAtMs, line, ...createTurns(line, null, START) };
}

const lastsMs = (text: string) => (text.length + 2) * 40;

test('waits until the bot has finished and been quiet, then speaks', async () => {
  const { said, greeting } = await play(script({ steps: [{ wait: {} }, { say: 'Oui' }] }), [
    { atMs: 500, say: 'Bonjour' },
  ]);
  expect(greeting).toBe('Bonjour');
  const dueMs = 500 + lastsMs('Bonjour') + 600;
  expect(said).toHaveLength(1);
  expect(Math.abs((said[0]?.atMs ?? 0) - dueMs)).toBeLessThanOrEqual(60);
});

test('a pause between two sentences of the bot is not its end', async () => {
  const secondAtMs = 20 + lastsMs('Un') + 450;
  const plan = [
    { atMs: 0, say: 'Un' },
    { atMs: secondAtMs, say: 'deux' },
  ];
  const { said, greeting } = await play(script({ steps: [{ wait: {} }, { say: 'Oui' }] }), plan);
  expect(greeting).toBe('Un deux');
  expect(said[0]?.atMs).toBeGreaterThan(secondAtMs + lastsMs('deux'));
});

test('speaks anyway when the bot says nothing for as long as the script waits', async () => {
  const { said } = await play(script({ steps: [{ wait: { timeoutMs: 2000 } }, { say: 'Allô ?' }] }), []);
  expect(said[0]?.text).toBe('Allô ?');
  expect(Math.abs((said[0]?.atMs ?? 0) - 2000)).toBeLessThanOrEqual(60);
});

test('the true wait runs from the last voiced sample to the first audible one, and each reply belongs to its turn', async () => {
  const steps = [{ say: 'Un' }, { wait: {} }, { say: 'Deux' }];
  const { turns } = await play(script({ steps }), [{ atMs: 1000, say: 'Premier' }]);
  // Spoken from 0 to 160 ms of the line (its frames are sent 20 ms later); ramps of the modem begin and end with inaudible samples.
  expect(turns).toMatchObject([{ heardFromBot: 'Premier' }, { heardFromBot: '', trueWaitMs: null }]);
  expect(Math.abs((turns[0]?.trueWaitMs ?? 0) - (1000 + 20 - 160))).toBeLessThanOrEqual(20.5);
});

test('barges in so long after the bot began, and what clear dropped was not heard', async () => {
  const long = 'Je récapitule : une fuite mardi à dix heures au 12 rue des Lilas';
  const steps = [{ bargeIn: { afterMs: 1200, say: 'Non' } }];
  const { said, greeting } = await play(script({ steps }), [
    { atMs: 400, say: long },
    { atMs: 1900, clear: true },
  ]);
  expect(Math.abs((said[0]?.atMs ?? 0) - 1600)).toBeLessThanOrEqual(60);
  expect(long.startsWith(greeting ?? '?')).toBe(true);
  expect(greeting?.length).toBeGreaterThan(20);
  expect(greeting?.length).toBeLessThan(40);
});

test('an interruption is known by its onset and by where the line fell silent after the clear', async () => {
  const long = 'Je récapitule : une fuite mardi à dix heures au 12 rue des Lilas';
  const steps = [{ say: 'Oui' }, { bargeIn: { afterMs: 1200, say: 'Non' } }];
  const plan: BotPlan = [
    { atMs: 400, say: long },
    { atMs: 1900, clear: true },
    { atMs: 3000, say: 'Bien' },
  ];
  const { turns } = await play(script({ steps }), plan);
  const [first, second] = turns;
  expect(first?.bargeIn).toBeNull();
  const bargeIn = second?.bargeIn;
  expect(bargeIn).toMatchObject({ interruptedIndex: 1, clearSample: 1900 * 8 - START });
  expect(bargeIn?.onsetSample).toBe(second?.callerStartSample);
  // The frame that had begun when the buffer was emptied plays to its end, ramps of the modem are quieter than sound.
  expect((1900 + 20) * 8 - START - (bargeIn?.silentSample ?? 0)).toBeLessThanOrEqual(8);
  expect(bargeIn?.silentSample).toBeLessThanOrEqual((1900 + 20) * 8 - START);
  expect(bargeIn?.talkOverMs).toBe(((bargeIn?.silentSample ?? 0) - (bargeIn?.onsetSample ?? 0)) / 8);
  expect(second?.trueWaitMs).toBe(((second?.replyStartSample ?? 0) - (second?.callerEndSample ?? 0)) / 8);
});

test('a bot that never clears is silent where its words end, and the clear of a later turn is not taken for its own', async () => {
  const steps = [{ bargeIn: { afterMs: 600, say: 'Non' } }, { wait: {} }, { bargeIn: { afterMs: 300, say: 'Si' } }];
  const { turns } = await play(script({ steps }), [
    { atMs: 400, say: 'Bonjour, que puis-je faire ?' },
    { atMs: 4000, say: 'Bien, et quel jour ?' },
    { atMs: 4500, clear: true },
  ]);
  const [first, second] = turns;
  const spokenUntil = (400 + 20) * 8 + lastsMs('Bonjour, que puis-je faire ?') * 8 - START;
  expect(first?.bargeIn).toMatchObject({ interruptedIndex: 0, clearSample: null });
  expect(spokenUntil - (first?.bargeIn?.silentSample ?? 0)).toBeLessThanOrEqual(8);
  expect(second?.bargeIn).toMatchObject({ interruptedIndex: 1, clearSample: 4500 * 8 - START });
});

test('positions are of the media clock, and there are none without a stream', async () => {
  const { turns, line } = await play(script({ steps: [{ say: 'Un' }] }), [{ atMs: 1000, say: 'Premier' }]);
  const [turn] = turns;
  const [onLine] = createTurns(line, null, 0).turns;
  expect(turn?.callerStartSample).toBe((onLine?.callerStartSample ?? 0) - START);
  expect(turn?.speechStartMs).toBe((turn?.callerStartSample ?? 0) / 8);
  expect(createTurns(line, null).turns[0]).toMatchObject({
    callerStartSample: null,
    callerEndSample: null,
    replyStartSample: null,
    trueWaitMs: turn?.trueWaitMs,
  });
});

test('answers a repeated question as often as the script allows', async () => {
  const answers = [
    { when: 'répéter', repeat: true, times: 1 },
    { when: 'quel nom', say: 'Paul' },
  ];
  const { said } = await play(script({ steps: [{ say: 'Bonjour' }, { wait: {} }], answers }), [
    { atMs: 1000, say: 'Pouvez-vous RÉPÉTER ?' },
    { atMs: 4000, say: 'À quel nom ?' },
    { atMs: 6500, say: 'Pouvez-vous répéter ?' },
  ]);
  expect(said.map(({ text }) => text)).toEqual(['Bonjour', 'Bonjour', 'Paul']);
});

test('after the last step the caller still listens, then hangs up', async () => {
  const { hungUpAtMs } = await play(script({ steps: [], maxWaitMs: 3000 }), [{ atMs: 100, say: 'Au revoir' }]);
  expect(hungUpAtMs).toBe(3000);
});

test('keys are pressed one after another and are no sound', async () => {
  const { keys, said } = await play(script({ steps: [{ silence: 200 }, { dtmf: '1#' }] }), []);
  expect(keys).toEqual([
    { digit: '1', atMs: 200 },
    { digit: '#', atMs: 300 },
  ]);
  expect(said).toEqual([]);
});

test('hangs up while the bot is speaking', async () => {
  const { hungUpAtMs, greeting } = await play(script({ steps: [{ hangUp: { afterBotStartedMs: 600 } }] }), [
    { atMs: 300, say: 'Bonjour, ici la plomberie' },
  ]);
  expect(Math.abs((hungUpAtMs ?? 0) - 900)).toBeLessThanOrEqual(40);
  expect('Bonjour, ici la plomberie'.startsWith(greeting ?? '?')).toBe(true);
});

test('a muted caller sends silence and has no true wait', async () => {
  const { said, turns } = await play(script({ muted: true, steps: [{ say: 'Un' }] }), [{ atMs: 1000, say: 'Allô ?' }]);
  expect(said).toEqual([]);
  expect(turns).toMatchObject([{ saidByCaller: 'Un', transcribed: null, heardFromBot: 'Allô ?', trueWaitMs: null }]);
});

test('speaking is given up when the line is closed', async () => {
  const line = createCallerLine({ isMuted: false });
  const speaking = line.speak('Bonjour');
  line.close();
  await expect(speaking).rejects.toThrow('the call has ended');
  await expect(line.until(() => true, 10)).rejects.toThrow('the call has ended');
});
