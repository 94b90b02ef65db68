import { ProviderError } from '../../../services/bot/domain/errors.ts';
import type { LiveTranscriber } from '../../../services/bot/domain/ports.ts';
import { type FakeCall, startFakeCall, type Wait } from '../../helpers/fake-call.ts';

const GREETING_MS = 3000;
const FRAME_SAMPLES = 160;

type Heard = { readonly turnIndex: number; frames: number; isCommitted: boolean; isCancelled: boolean };

/** A call that is heard while the caller speaks; `commit` gives the transcript of a turn. */
function startCall(commit: (wait: Wait, turnIndex: number) => Promise<string>) {
  const streams: Heard[] = [];
  const files: number[] = [];
  const call: FakeCall = startFakeCall((_clock, wait) => {
    const liveTranscriber: LiveTranscriber = {
      listen({ turn }) {
        const heard = { turnIndex: turn.turnIndex, frames: 0, isCommitted: false, isCancelled: false };
        streams.push(heard);
        return {
          append() {
            heard.frames += 1;
          },
          commit() {
            heard.isCommitted = true;
            return commit(wait, turn.turnIndex);
          },
          cancel() {
            heard.isCancelled = true;
          },
        };
      },
    };
    return {
      liveTranscriber,
      transcriber: {
        async transcribe({ turn, samples, signal }) {
          files.push(samples.length / FRAME_SAMPLES);
          await wait(200, signal);
          return `fichier ${turn.turnIndex}`;
        },
      },
    };
  });
  return { call, streams, files };
}

const never = new AbortController().signal;
const seen = (call: FakeCall) => call.heard.filter((line) => line.startsWith('model sees'));

async function speakOnce(call: FakeCall, listenMs = 3000): Promise<void> {
  await call.caller(GREETING_MS, false);
  await call.caller(1000, true);
  await call.caller(listenMs, false);
}

test('what the caller says is streamed with its first sounds, and committed at its end; no file is sent', async () => {
  const { call, streams, files } = startCall(async (_wait, turn) => `direct ${turn}`);
  await call.caller(GREETING_MS, false);
  await call.caller(1000, true);
  // Speech is known after three frames; seven more before it belong to it.
  expect(streams).toEqual([{ turnIndex: 1, frames: 57, isCommitted: false, isCancelled: false }]);
  await call.caller(3000, false);
  expect(streams).toEqual([{ turnIndex: 1, frames: 77, isCommitted: true, isCancelled: false }]);
  expect(seen(call)).toEqual(['model sees: direct 1']);
  expect(files).toEqual([]);
});

test('a stream that fails is made up for by file, with all that it was given, in the same turn', async () => {
  const { call, streams, files } = startCall(() => Promise.reject(new ProviderError('websocket', 'broken')));
  await speakOnce(call);
  expect(call.heard).toContain('transcription failed: websocket');
  expect(seen(call)).toEqual(['model sees: fichier 1']);
  expect(files).toEqual([streams[0]?.frames]);
});

test('a stream that never answers is given up in time for the file', async () => {
  const { call, streams } = startCall(async (wait) => {
    await wait(60_000, never);
    return '';
  });
  await speakOnce(call, 4000);
  expect(call.heard).toContain('transcription failed: timeout');
  expect(streams[0]?.isCancelled).toBe(true);
  expect(seen(call)).toEqual(['model sees: fichier 1']);
});

test('a stream in which nothing was understood is not asked again by file', async () => {
  const { call, files } = startCall(async () => '');
  await speakOnce(call);
  expect(files).toEqual([]);
  expect(call.heard).toContain('says: Pardon, je ne vous ai pas entendu. Pouvez-vous répéter ?');
});

test('each turn has a stream of its own, also one that interrupts', async () => {
  const { call, streams } = startCall(async (wait, turn) => {
    await wait(500, never);
    return `direct ${turn}`;
  });
  await call.caller(1000, false);
  await call.caller(1000, true);
  await call.caller(600, false);
  await call.caller(1000, true);
  await call.caller(3000, false);
  expect(streams.map(({ turnIndex, isCommitted }) => [turnIndex, isCommitted])).toEqual([
    [1, true],
    [2, true],
  ]);
  expect(seen(call).at(-1)).toBe('model sees: direct 1 + direct 2');
});

test('what a caller says just before hanging up is committed and kept', async () => {
  const { call, streams } = startCall(async (_wait, turn) => `direct ${turn}`);
  await call.caller(GREETING_MS, false);
  await call.caller(1000, true);
  call.hangUp();
  await call.clock.advance(5000);
  expect(streams[0]?.isCommitted).toBe(true);
  expect(await call.outcome).toBe('saved');
});
