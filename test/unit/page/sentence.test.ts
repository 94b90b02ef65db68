import type { CallDetail } from '../../../services/viewer/api/types.ts';
import { type CallData, createCallData } from '../../../services/viewer/page/src/model/call-data.ts';
import { describeCall } from '../../../services/viewer/page/src/model/sentence.ts';
import { en } from '../../../services/viewer/page/src/words/en.ts';
import { fr } from '../../../services/viewer/page/src/words/fr.ts';
import { sayStatement } from '../../../services/viewer/page/src/words/say.ts';
import { createSampleCall, cutCall, type SampleCall } from '../../helpers/sample-call.ts';

const startedAtMs = Date.UTC(2026, 10, 21, 13, 3, 22);
const toData = ({ detail, spans }: SampleCall) => createCallData(detail, spans);
const say = (data: CallData, words = en) =>
  describeCall(data)
    .map((statement) => sayStatement(words, statement))
    .join(' ');

test('a call with measured waits names the longest, its largest segment, and that the model was asked twice', () => {
  const data = toData(createSampleCall({ startedAtMs, withGap: true }));
  expect(say(data)).toBe(
    'The caller waited 2.43 s in turn 3, the longest of 4 waits. ' +
      '1.57 s of it was the model’s first word (gpt-6-luna, 429, then retry).',
  );
  expect(say(data, fr)).toBe(
    'L’appelant a attendu 2,43 s au tour 3, la plus longue de 4 attentes. ' +
      'Dont 1,57 s : premier mot du modèle (gpt-6-luna, 429, puis nouvel essai).',
  );
});

test('a call without measured waits names its slowest step, and never a wait', () => {
  const data = toData(createSampleCall({ startedAtMs }));
  expect(say(data)).toBe('The slowest step was thinking of an answer in turn 3: 1.91 s (gpt-6-luna).');
});

test('a wait known from marks or from sending only says so, and unmeasured ones are counted apart', () => {
  const call = createSampleCall({ startedAtMs, withGap: true });
  const spans = call.spans.map((span) =>
    span.name === 'voice.response_gap'
      ? {
          ...span,
          attributes: {
            ...span.attributes,
            'voice.gap.source': span.attributes['voice.turn.index'] === 3 ? 'send' : 'none',
          },
        }
      : span,
  );
  expect(say(toData({ ...call, spans }))).toMatch(
    /^The caller waited ≥ 2\.43 s in turn 3\. 1 of 4 waits could be measured\./,
  );
});

test('a failure that passes through several spans is told once, with what kind it was', () => {
  const data = toData(createSampleCall({ startedAtMs, failsToSave: true }));
  expect(say(data)).toMatch(/^The call failed: a provider or the saving gave up\./);
  expect(say(data)).toMatch(/One step failed: saving the record in turn 4 \(provider’s error\)\.$/);
});

test('a live call says what goes on now', () => {
  const call = createSampleCall({ startedAtMs });
  const thinking = call.spans.find((span) => span.name.startsWith('chat') && span.attributes['voice.turn.index'] === 3);
  const during = toData(cutCall(call, (thinking?.startMs ?? 0) + 100));
  expect(say(during)).toBe('Live: the bot is thinking of an answer in turn 3.');
  expect(say(during, fr)).toBe('En cours : le bot cherche une réponse au tour 3.');
  expect(say(toData(cutCall(call, startedAtMs + 40)))).toBe('Live: the bot is connecting.');
  expect(say(toData(cutCall(call, startedAtMs + 4000)))).toBe('Live: the bot is listening.');
});

test('a call that was lost says so before anything else', () => {
  const call = createSampleCall({ startedAtMs });
  const data = toData({ ...call, detail: { ...call.detail, state: 'lost', outcome: null } });
  expect(say(data)).toMatch(/^The call was lost:/);
});

test('a call of which nothing was measured says that, and an outcome without words is shown as it is', () => {
  const { detail } = createSampleCall({ startedAtMs });
  const bare: CallDetail = { ...detail, worstStage: null, turnList: [], logs: [] };
  expect(say(createCallData(bare, []))).toBe('No step of this call has been measured.');
  expect(say(createCallData({ ...bare, outcome: 'novel' }, []))).toBe('novel.');
});

test('while the caller speaks the sentence says so, also when a step began after the caller did', () => {
  const { detail, spans } = createSampleCall({ startedAtMs });
  const [first] = spans;
  if (!first) throw new Error('no spans');
  const open = (spanId: string, name: string, startMs: number, attributes = {}) => ({
    ...first,
    spanId,
    name,
    startMs,
    durationMs: null,
    attributes,
  });
  const pending = [
    open('a'.repeat(16), 'user_speech', startedAtMs + 1000, { 'voice.turn.index': 2 }),
    open('b'.repeat(16), 'speech_to_text x', startedAtMs + 1100, { 'voice.stage': 'transcription' }),
  ];
  const data = createCallData({ ...detail, state: 'live', pending }, []);
  expect(describeCall(data)[0]).toMatchObject({ kind: 'live', doing: 'heard' });
});
