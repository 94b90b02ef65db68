import { ProviderError } from '../../../services/bot/domain/errors.ts';
import { createFiller } from '../../../services/bot/domain/filler.ts';
import type { Retriever } from '../../../services/bot/domain/ports.ts';
import { type FakeCall, startFakeCall } from '../../helpers/fake-call.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const GREETING_MS = 3000;
const FILLER = 'Un instant, je regarde.';
const QUESTION = 'Combien coûte un déplacement ?';

type Course = {
  /** Milliseconds. */
  readonly replyMs?: number;
  readonly retrieve?: (wait: (ms: number) => Promise<void>) => ReturnType<Retriever['retrieve']>;
  readonly fillerMs?: number;
  readonly isRecorded?: boolean;
  readonly reply?: 'text' | 'tool' | 'failure';
  readonly transcribeMs?: number;
  /** What is no filler takes so much longer to be spoken, or cannot be. */
  readonly speechMs?: number | 'down';
};

/** A call in which the caller asks for a price. */
function startCall(course: Course = {}): FakeCall & { readonly messages: string[] } {
  const { replyMs = 300, fillerMs = 2500, isRecorded = true, reply = 'text', transcribeMs = 100 } = course;
  const messages: string[] = [];
  const call = startFakeCall((_clock, wait, defaults) => ({
    settings: { ...defaults.settings, fillerMs },
    phraseBook: { ...defaults.phraseBook, find: () => (isRecorded ? new Uint8Array(8000) : undefined) },
    transcriber: {
      async transcribe({ signal }) {
        await wait(transcribeMs, signal);
        return QUESTION;
      },
    },
    synthesizer: {
      async *speak(request) {
        const { speechMs } = course;
        if (speechMs !== undefined && request.phrase !== 'filler' && request.turn.turnIndex > 0) {
          if (speechMs === 'down') throw new ProviderError('api', 'down');
          await wait(speechMs, request.signal);
        }
        yield* defaults.synthesizer.speak(request);
      },
    },
    retriever: { retrieve: ({ signal }) => course.retrieve?.((ms) => wait(ms, signal)) ?? Promise.resolve([]) },
    replyModel: {
      async *reply({ signal, messages: given }) {
        messages.push(...given.map(({ role, content }) => `${role}: ${content}`));
        await wait(replyMs, signal);
        if (reply === 'failure') throw new ProviderError('api', 'down');
        yield reply === 'tool' ? { kind: 'tool', name: 'save_record' } : { kind: 'text', text: 'Soixante euros.' };
      },
    },
  }));
  return Object.assign(call, { messages });
}

async function ask(call: FakeCall, listenMs = 8000): Promise<string[]> {
  await call.caller(GREETING_MS, false);
  await call.caller(1000, true);
  await call.caller(listenMs, false);
  return call.heard.filter((line) => /^(says|filler|answer|clear|retrieval|turn 1|line)/.test(line)).slice(1);
}

test('an answer that comes in time goes without a filler', async () => {
  const events = await ask(startCall({ replyMs: 1500 }));
  expect(events).toEqual(['says: Soixante euros.', 'turn 1 completed']);
});

test.each([
  ['a reply', { replyMs: 3500 }],
  ['a retrieval', { retrieve: (wait: (ms: number) => Promise<void>) => wait(2900).then(() => []) }],
])('%s that takes too long is bridged by one filler, and answered in the same turn', async (_what, course) => {
  const events = await ask(startCall(course));
  expect(events.slice(0, 5)).toEqual([
    'filler in turn 1',
    `says: ${FILLER}`,
    'says: Soixante euros.',
    'answer in turn 1',
    'turn 1 completed',
  ]);
});

test('the filler is said when the caller has waited that long since their last word, not since the transcript', async () => {
  const call = startCall({ replyMs: 6000, fillerMs: 1000, transcribeMs: 300 });
  await call.caller(GREETING_MS, false);
  await call.caller(1000, true);
  await call.caller(960, false);
  expect(call.heard).not.toContain('filler in turn 1');
  await call.caller(100, false);
  expect(call.heard).toContain('filler in turn 1');
});

test('a transcript that comes after the filler is due is followed by it at once', async () => {
  const call = startCall({ replyMs: 2000, transcribeMs: 3000 });
  const events = await ask(call);
  expect(events.slice(0, 2)).toEqual(['filler in turn 1', `says: ${FILLER}`]);
});

test.each([
  ['switched off', { fillerMs: 0 }],
  ['without a recording', { isRecorded: false }],
])('%s there is no filler', async (_what, course) => {
  expect(await ask(startCall({ replyMs: 4000, ...course }))).toEqual(['says: Soixante euros.', 'turn 1 completed']);
});

test('a caller who speaks during the filler interrupts it, and the answer is never said', async () => {
  const call = startCall({ replyMs: 4500 });
  await ask(call, 3300);
  await call.caller(600, true);
  await call.caller(1500, false);
  const events = call.heard.slice(call.heard.indexOf('filler in turn 1'));
  expect(events).toContain('clear');
  expect(events).toContain('turn 1 interrupted');
  expect(events.slice(0, events.indexOf('turn 1 interrupted'))).not.toContain('says: Soixante euros.');
});

test('a caller who speaks before the filler is due never hears it', async () => {
  const call = startCall({ replyMs: 4500, fillerMs: 2500 });
  await ask(call, 1500);
  await call.caller(1000, true);
  await call.caller(300, false);
  expect(call.heard).not.toContain('filler in turn 1');
});

test('a hang-up during the filler ends the call at once', async () => {
  const call = startCall({ replyMs: 4500 });
  await ask(call, 3300);
  call.hangUp();
  await call.clock.advance(3000);
  expect(call.heard).toContain('turn 1 session_closed');
  expect(call.heard).not.toContain('says: Soixante euros.');
  expect(await call.outcome).toBe('saved');
});

test('what is said when the reply fails after a filler counts as the answer', async () => {
  const events = await ask(startCall({ replyMs: 3500, reply: 'failure' }));
  expect(events.slice(0, 4)).toEqual([
    'filler in turn 1',
    `says: ${FILLER}`,
    expect.stringContaining('says: Excusez-moi'),
    'answer in turn 1',
  ]);
});

test('a record that is saved after a filler is confirmed in the same turn', async () => {
  const events = await ask(startCall({ replyMs: 3500, reply: 'tool' }));
  expect(events.slice(2)).toEqual([
    "says: C'est noté, merci. Au revoir.",
    'answer in turn 1',
    'line hung up',
    'turn 1 completed',
  ]);
});

test('what was retrieved is in the messages of the reply', async () => {
  const call = startCall({
    retrieve: async () => [{ source: 'fr.md:1', text: 'Un déplacement coûte soixante euros.' }],
  });
  await ask(call);
  expect(call.messages).toContain('system: Context:\nUn déplacement coûte soixante euros.');
});

test.each([
  ['fails', () => Promise.reject(new ProviderError('api', 'down')), 'api'],
  ['hangs', (wait: (ms: number) => Promise<void>) => wait(60_000).then(() => []), 'timeout'],
])('a retriever that %s costs the caller nothing but what it knew', async (_what, retrieve, code) => {
  const call = startCall({ retrieve });
  const events = await ask(call);
  expect(call.heard).toContain(`retrieval failed: ${code}`);
  expect(events).toContain('says: Soixante euros.');
  expect(call.messages.some((message) => message.includes('Context:'))).toBe(false);
});

test('once the reply has something to say there is no filler, however long the voice takes', async () => {
  const events = await ask(startCall({ replyMs: 1500, speechMs: 2000 }));
  expect(events).toEqual(['says: Soixante euros.', 'turn 1 completed']);
});

test('with the voice down after a filler, the recording that is played counts as the answer', async () => {
  const events = await ask(startCall({ replyMs: 3500, speechMs: 'down' }));
  expect(events).toContain('answer in turn 1');
});

test('a caller who speaks while something is looked up is not answered by the model', async () => {
  const call = startCall({ retrieve: (wait) => wait(2500).then(() => []) });
  await ask(call, 1000);
  await call.caller(1000, true);
  await call.caller(1500, false);
  expect(call.messages).toEqual([]);
});

/** A filler due at 100 ms that takes 50 ms to be said. */
function startFiller(signal = new AbortController().signal) {
  const clock = createFakeClock();
  const events: string[] = [];
  const listener = {
    fillerStarted: () => void events.push('filler'),
    answerStarted: () => void events.push('answer'),
  };
  const filler = createFiller({ clock, dueAtMs: 100, turnIndex: 1, listener, signal });
  filler.arm(() => clock.delay(50).then(() => events.push('said')));
  return { clock, events, filler };
}

test('a filler of a turn that was interrupted does not begin', async () => {
  const { clock, events } = startFiller(AbortSignal.abort());
  await clock.advance(200);
  expect(events).toEqual([]);
});

test('a filler that has begun is said to its end before the answer, which is told once', async () => {
  const { clock, events, filler } = startFiller();
  await clock.advance(120);
  const settled = filler.settle().then(() => {
    filler.answering();
    filler.answering();
  });
  expect(events).toEqual(['filler']);
  await clock.advance(100);
  await settled;
  expect(events).toEqual(['filler', 'said', 'answer']);
});
