import { Attr, LogEvent, SpanName, Stage } from 'callspan/conventions';
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

type Change = {
  readonly turn: number;
  readonly name?: string;
  readonly attributes?: object;
  readonly durationMs?: number;
};

/** The sample call with some waits (or other spans of a turn) changed. */
function changed(call: SampleCall, changes: readonly Change[]): CallData {
  const spans = call.spans.map((span) => {
    const change = changes.find(
      ({ turn, name = SpanName.responseGap }) => span.name === name && span.attributes[Attr.turnIndex] === turn,
    );
    if (!change) return span;
    const { [Attr.thresholdLevelOnSpan]: _level, ...kept } = span.attributes;
    const attributes = { ...(change.durationMs === undefined ? span.attributes : kept), ...change.attributes };
    const events = change.durationMs === undefined ? span.events : [];
    return { ...span, attributes, events, durationMs: change.durationMs ?? span.durationMs };
  });
  return createCallData(call.detail, spans);
}

const slow = createSampleCall({ startedAtMs, withGap: true });
const hard = createSampleCall({ startedAtMs, withGap: true, language: 'hard' });
const short = (durationMs: number) => [1, 2, 3, 4].map((turn) => ({ turn, durationMs: durationMs - turn }));
const without = (data: CallData, ...names: string[]): CallData => ({
  ...data,
  spans: new Map([...data.spans].filter(([, span]) => !names.includes(span.name))),
});
const stuck = {
  timeMs: startedAtMs,
  severity: 'warn',
  body: 'a stage is stuck',
  eventName: LogEvent.stageStuck,
  service: 'bot',
  scope: null,
  spanId: null,
  attributes: { [Attr.stage]: Stage.reply, [Attr.turnIndex]: 3 },
};

test.each<readonly [rule: string, data: CallData, english: string, french: string]>([
  [
    'a wait over the limit: by how much, its largest segment, the model, and that it was asked twice',
    toData(slow),
    'The caller waited 2.43 s in turn 3, 1.03 s over the limit. 1.57 s of it was the model’s first word (gpt-6-luna, 429 then retry).',
    'L’appelant a attendu 2,43 s au tour 3, 1,03 s de plus que la limite. Dont 1,57 s : premier mot du modèle (gpt-6-luna, 429 puis nouvel essai).',
  ],
  [
    'the model alone, where it was asked once',
    without(toData(slow), SpanName.modelAttempt),
    'The caller waited 2.43 s in turn 3, 1.03 s over the limit. 1.57 s of it was the model’s first word (gpt-6-luna).',
    'L’appelant a attendu 2,43 s au tour 3, 1,03 s de plus que la limite. Dont 1,57 s : premier mot du modèle (gpt-6-luna).',
  ],
  [
    'a stage that was reported stuck',
    { ...without(toData(slow), SpanName.modelAttempt), logs: [stuck] },
    'The caller waited 2.43 s in turn 3, 1.03 s over the limit. 1.57 s of it was the model’s first word (gpt-6-luna, stuck past its limit).',
    'L’appelant a attendu 2,43 s au tour 3, 1,03 s de plus que la limite. Dont 1,57 s : premier mot du modèle (gpt-6-luna, bloqué au-delà de sa limite).',
  ],
  [
    'a wait over the target only',
    changed(slow, [...short(900).slice(0, 2), { turn: 3, durationMs: 1300 }, { turn: 4, durationMs: 800 }]),
    'The caller waited 1.30 s in turn 3, 185 ms over the target of 1.12 s. 1.57 s of it was the model’s first word (gpt-6-luna, 429 then retry).',
    'L’appelant a attendu 1,30 s au tour 3, 185 ms de plus que l’objectif de 1,12 s. Dont 1,57 s : premier mot du modèle (gpt-6-luna, 429 puis nouvel essai).',
  ],
  [
    'all waits within the limit',
    changed(slow, short(1091)),
    'Every answer came within the limit (worst 1.09 s).',
    'Toutes les réponses sont venues dans la limite (pire attente 1,09 s).',
  ],
  [
    'waits within the limit where one was void',
    changed(slow, [...short(1091).slice(0, 3), { turn: 4, attributes: { [Attr.gapSource]: 'none' } }]),
    'Every measured answer came within the limit (worst 1.09 s). 3 of 4 waits could be measured.',
    'Toutes les réponses mesurées sont venues dans la limite (pire attente 1,09 s). 3 attentes sur 4 mesurées.',
  ],
  [
    'a lower bound, silence, a filler and a void turn',
    toData(hard),
    'The caller waited ≥ 4.08 s in turn 4, at least 2.68 s over the limit. 3.26 s of it was the model’s first word (gpt-6-luna, silent while the model was thinking). ' +
      'In turn 3 a filler came after 1.13 s, the answer after 4.13 s. 3 of 4 waits could be measured: caller resumed.',
    'L’appelant a attendu ≥ 4,08 s au tour 4, au moins 2,68 s de plus que la limite. Dont 3,26 s : premier mot du modèle (gpt-6-luna, silence pendant que le modèle réfléchit). ' +
      'Au tour 3, une formule d’attente est venue après 1,13 s, la réponse après 4,13 s. 3 attentes sur 4 mesurées\u00a0: l’appelant a repris.',
  ],
  [
    'no wait that could be measured',
    changed(
      slow,
      [1, 2, 3, 4].map((turn) => ({ turn, attributes: { [Attr.gapSource]: 'none' } })),
    ),
    'None of 4 waits could be measured. The slowest step was the caller’s wait in turn 3: 2.43 s.',
    'Aucune attente sur 4 mesurée. Étape la plus lente au tour 3 : l’attente de l’appelant, 2,43 s.',
  ],
])('the sentence of a call: %s', (_rule, data, english, french) => {
  expect(say(data)).toBe(english);
  expect(say(data, fr)).toBe(french);
});

test('an attempt that the next one made good explains a wait, and is no failed step', () => {
  const spans = slow.spans.map((span) =>
    span.name === SpanName.modelAttempt && span.attributes[Attr.httpStatusCode] === 429
      ? { ...span, status: 'error' as const }
      : span,
  );
  expect(spans.some((span) => span.status === 'error')).toBe(true);
  expect(say(toData({ ...slow, spans }))).toBe(say(toData(slow)));
});

test('what explains a segment: a look-up in it, a timeout that ended the listening, an attempt that failed without a status', () => {
  const lookUp = changed(hard, [
    { turn: 3, durationMs: 9000 },
    { turn: 3, name: SpanName.llmFirstToken, durationMs: 5000 },
  ]);
  expect(say(lookUp)).toContain('first word (gpt-6-luna, looked something up for 2.60 s');
  const timeout = changed(slow, [
    { turn: 3, attributes: { [Attr.eosSource]: 'timeout' } },
    { turn: 3, name: SpanName.endpointing, durationMs: 2000 },
  ]);
  expect(say(timeout)).toContain('the time to notice the end (the end was only taken by a timeout).');
  const { spans } = slow;
  const failed = spans.map((span) => {
    if (span.name !== SpanName.modelAttempt || span.attributes[Attr.httpStatusCode] === 200) return span;
    return { ...span, attributes: { [Attr.turnIndex]: 3, [Attr.errorType]: 'timeout' } };
  });
  expect(say(toData({ ...slow, spans: failed }))).toContain('(gpt-6-luna, timeout then retry).');
});

test('what does not explain a segment is not told: a short look-up, another turn’s stuck stage, one attempt, a timeout of the listening', () => {
  const shortLookUp = changed(hard, [
    { turn: 3, durationMs: 5000 },
    { turn: 3, name: SpanName.llmFirstToken, durationMs: 4000 },
    { turn: 3, name: 'retrieval diary', durationMs: 500 },
  ]);
  expect(say(without(shortLookUp, SpanName.deadAir))).toContain('first word (gpt-6-luna).');
  const elsewhere = { ...stuck, attributes: { ...stuck.attributes, [Attr.turnIndex]: 1 } };
  expect(say({ ...without(toData(slow), SpanName.modelAttempt), logs: [elsewhere] })).toContain(
    'first word (gpt-6-luna).',
  );
  const [first] = slow.spans.filter(({ name }) => name === SpanName.modelAttempt);
  const once = slow.spans.filter((span) => span.name !== SpanName.modelAttempt || span === first);
  expect(say(toData({ ...slow, spans: once }))).toContain('first word (gpt-6-luna).');
  const timeout = changed(slow, [{ turn: 3, attributes: { [Attr.eosSource]: 'timeout' } }]);
  expect(say(without(timeout, SpanName.modelAttempt))).toContain('first word (gpt-6-luna).');
});

test('a wait that was stuck as a whole does not make a part of it stuck, a part that was reported itself does', () => {
  const data = changed(slow, [{ turn: 3, name: SpanName.endpointing, durationMs: 2000 }]);
  const told = (stage: string) => {
    const line = { ...stuck, attributes: { ...stuck.attributes, [Attr.stage]: stage } };
    return say({ ...data, logs: [line] });
  };
  expect(told(Stage.responseGap)).toContain('2.00 s of it was the time to notice the end.');
  expect(told(Stage.endpointing)).toContain('the time to notice the end (stuck past its limit).');
});

test('a live call says what goes on, and a wait that was too long already', () => {
  const last = slow.spans.findLast((span) => span.name === SpanName.userSpeech);
  const data = toData(cutCall(slow, (last?.startMs ?? 0) + 100));
  expect(say(data)).toMatch(
    /^Live: the caller is speaking in turn 4\. The caller waited 2\.43 s in turn 3, 1\.03 s over/,
  );
});

test('a call without measured waits names its slowest step, and never a wait', () => {
  const data = toData(createSampleCall({ startedAtMs }));
  expect(say(data)).toBe('The slowest step was thinking of an answer in turn 3: 1.91 s (gpt-6-luna).');
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
  expect(say({ ...during, logs: [stuck] })).toBe(
    'Live: the bot is thinking of an answer in turn 3, stuck past its limit.',
  );
  expect(say(toData(cutCall(call, startedAtMs + 40)))).toBe('Live: the bot is connecting.');
  expect(say(toData(cutCall(call, startedAtMs + 4000)))).toBe('Live: the bot is listening.');
});

test('while a part of the wait goes on, the sentence says what the bot is doing', () => {
  const at = (name: string) => {
    const part = slow.spans.find((span) => span.name === name && span.attributes[Attr.turnIndex] === 2);
    return say(
      without(toData(cutCall(slow, (part?.startMs ?? 0) + 1)), 'chat gpt-6-luna', 'text_to_speech gpt-speech'),
    );
  };
  expect(at(SpanName.endpointing)).toBe('Live: the bot is listening for the end in turn 2.');
  expect(at(SpanName.llmFirstToken)).toBe('Live: the bot is thinking of an answer in turn 2.');
  expect(at(SpanName.botQueue)).toBe('Live: the bot is about to speak in turn 2.');
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
