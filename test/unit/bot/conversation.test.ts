import { AsyncLocalStorage } from 'node:async_hooks';
import { ProviderError } from '../../../services/bot/domain/errors.ts';
import { GIVEN, startFakeCall } from '../../helpers/fake-call.ts';

const GREETING_MS = 3000;
const said = (heard: readonly string[]) => heard.filter((line) => line.startsWith('says: '));

test('a caller who pauses in the middle of a sentence is understood as a whole', async () => {
  const call = startFakeCall();
  await call.caller(GREETING_MS, false);
  await call.caller(1000, true);
  await call.caller(500, false);
  await call.caller(1000, true);
  await call.caller(3000, false);
  expect(call.heard).toContain('model sees: texte 1 + texte 2');
});

test('what a caller says just before hanging up is kept', async () => {
  const call = startFakeCall();
  await call.caller(GREETING_MS, false);
  await call.caller(1000, true);
  call.hangUp();
  await call.clock.advance(5000);
  expect(call.heard).toContain('saved: CA1:1 Jean');
  expect(await call.outcome).toBe('saved');
});

test('a caller who speaks while the record is saved is listened to, not hung up on', async () => {
  const call = startFakeCall((_clock, wait) => ({
    replyModel: {
      async *reply({ signal }) {
        await wait(200, signal);
        yield { kind: 'tool', name: 'save_record' };
      },
    },
    extractor: {
      async extract({ signal }) {
        await wait(1500, signal);
        return GIVEN;
      },
    },
  }));
  await call.caller(GREETING_MS, false);
  await call.caller(600, true);
  await call.caller(1200, false);
  await call.caller(1500, true);
  expect(call.heard).not.toContain('line hung up');
  await call.caller(6000, false);
  expect(said(call.heard).at(-1)).toBe("says: C'est noté, merci. Au revoir.");
  expect(call.heard).toContain('line hung up');
});

test('an extraction that fails at the confirmation falls back to what was understood before', async () => {
  let extractions = 0;
  const call = startFakeCall((_clock, wait) => ({
    replyModel: {
      async *reply({ turn, signal }) {
        await wait(100, signal);
        yield turn.turnIndex === 1
          ? { kind: 'text', text: 'C’est bien cela, vraiment ?' }
          : { kind: 'tool', name: 'save_record' };
      },
    },
    extractor: {
      async extract() {
        extractions += 1;
        if (extractions > 1) throw new ProviderError('rate_limit', 'too many requests');
        return GIVEN;
      },
    },
  }));
  await call.caller(GREETING_MS, false);
  await call.caller(600, true);
  await call.caller(4000, false);
  await call.caller(600, true);
  await call.caller(6000, false);
  expect(call.heard.filter((line) => line.startsWith('saved'))).toEqual(['saved: CA1:1 Jean']);
  expect(said(call.heard).at(-1)).toContain('noté');
});

test('nobody is asked whether they are there while they speak', async () => {
  const call = startFakeCall();
  await call.caller(1000, false);
  await call.caller(9000, true);
  expect(said(call.heard).join()).not.toContain('toujours là');
});

test('a provider that hangs ends in a timeout and a spoken excuse', async () => {
  const call = startFakeCall((_clock, wait) => ({
    transcriber: {
      async transcribe({ signal }) {
        await wait(60_000, signal);
        return '';
      },
    },
  }));
  await call.caller(GREETING_MS, false);
  await call.caller(600, true);
  await call.caller(8000, false);
  expect(call.heard).toContain('transcription failed: timeout');
  expect(said(call.heard).at(-1)).toContain('Excusez-moi');
});

test('a line that falls silent for ten seconds is given up', async () => {
  const call = startFakeCall();
  await call.caller(1000, false);
  await call.clock.advance(20_000);
  expect(call.heard.at(-1)).toBe('ended: watchdog no_record');
});

test('what a frame begins runs where the call says, not where the frame was handed in', async () => {
  const place = new AsyncLocalStorage<string>();
  const seen: string[] = [];
  const enter = place.run('the call', () => AsyncLocalStorage.snapshot());
  const note = (what: string) => seen.push(`${what} in ${place.getStore()}`);
  const call = startFakeCall(
    (_clock, wait) => ({
      transcriber: {
        async transcribe({ signal }) {
          note('transcription');
          await wait(300, signal);
          return 'bonjour';
        },
      },
      replyModel: {
        async *reply() {
          note('reply');
          yield { kind: 'text', text: 'Bonjour.' };
        },
      },
    }),
    { bind: (work) => ((...args) => enter(() => work(...args))) as typeof work },
  );
  await place.run('the socket', async () => {
    await call.caller(600, true);
    await call.caller(1500, false);
  });
  expect(seen).toEqual(['transcription in the call', 'reply in the call']);
  call.hangUp();
  await call.outcome;
});
