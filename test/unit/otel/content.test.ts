import { type Context, logs, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { type CaptureLevel, createContentRecorder } from 'callspan';
import { LogEvent } from 'callspan/conventions';
import { withCallRef } from '../../../otel/src/call/call-context.ts';
import type { CallObserver } from '../../../otel/src/call/observer.ts';
import { createRedactingLogProcessor } from '../../../otel/src/redaction/log-processor.ts';
import { maskContent } from '../../../otel/src/redaction/mask-content.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const redactor = createRedactor({ level: 'masked' });
const tools = { redact: redactor.text, isOwnWord: (word: string) => ['callspan', 'plumbing'].includes(word) };

test.each([
  [
    "Bonjour, je m'appelle Claire Fontaine, je voudrais venir mardi.",
    "Bonjour, je m'appelle <name>, je voudrais venir mardi.",
  ],
  ["je m'appelle claire fontaine et je voudrais venir", "je m'appelle <name> et je voudrais venir"],
  ["C'est Fontaine à l'appareil.", "C'est <name> à l'appareil."],
  ["c'est claire fontaine à l'appareil", "c'est <name> à l'appareil"],
  ['Au nom de Fontaine.', 'Au nom de <name>.'],
  ['Claire Fontaine.', '<name>.'],
  ['Fontaine.', '<name>.'],
  ['Très bien madame Fontaine, à quelle heure ?', 'Très bien madame <name>, à quelle heure ?'],
  ['Je viens avec Paul de La Tour demain.', 'Je viens avec <name> demain.'],
  ['My name is Sarah O’Connor.', 'My name is <name>.'],
  ["my name's sarah connor and i need help", "my name's <name> and i need help"],
  ['Hello, this is Mark speaking.', 'Hello, this is <name> speaking.'],
  ['You can call me Mark.', 'You can call me <name>.'],
  ["I'm Sarah, I called Monday.", "I'm <name>, I called Monday."],
  ['D, U, P, O, N, T', '<spelled>'],
  ['D comme Denis, U comme Ursule.', '<spelled>.'],
  ['F as in Foxtrot, O as in Oscar', '<spelled>'],
  ["J'habite au 12 bis rue des Lilas à Lyon.", "J'habite au <address>."],
  ["J'habite au douze rue victor hugo.", "J'habite au <address>."],
  ['Avenue de la République, Paris.', '<address>, <name>.'],
  ['69003 Lyon', '<address>'],
  ['I live at 221B Baker Street.', 'I live at <address>.'],
  ['at twelve high road please', 'at <address> please'],
  ['SW1A 1AA', '<address>'],
  ['Je suis née le 12/03/1980.', 'Je suis née le <birth>.'],
  ['I was born on the third of March.', 'I was born on <birth>.'],
  ['Mon numéro est le zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre.', 'Mon numéro est le <phone>.'],
  ['my number is oh seven seven double oh nine double oh one two three', 'my number is <phone>'],
  ['claire point fontaine arobase exemple point fr', '<email>'],
  ['mon dossier est 48 71 23', 'mon dossier est <number>'],
  ['mon dossier est 48\u201171\u201123', 'mon dossier est <number>'],
  ['\u4f1a\u54e1\u756a\u53f7\u306f\uff14\uff18\uff17\uff11\uff12', '\u4f1a\u54e1\u756a\u53f7\u306f<number>'],
])('"%s" is kept as "%s"', (said, kept) => {
  expect(maskContent(said, tools)).toBe(kept);
});

test.each([
  'Oui.',
  "D'accord.",
  "Yes, Tuesday at 3 please, I'd like that.",
  'Bienvenue chez Callspan Plumbing, que puis-je faire pour vous ?',
  "Je voudrais un rendez-vous pour une fuite d'eau mardi à dix heures.",
  'Le 24/11/2026 à 14:30, c’est bien ça ?',
  'il y a à peu près dix minutes',
  'Can I come on Friday around seven?',
  'Le prix est de cent vingt euros.',
  'Bonjour madame, je rappelle demain.',
  'look at the dot com boom',
])('"%s" names nobody and stays', (said) => {
  expect(maskContent(said, tools)).toBe(said);
});

test('of a form the personal fields go, the rest stays readable', () => {
  const form = {
    language: 'fr',
    name: 'Claire Fontaine',
    wanted: { dateTime: '2026-11-24T10:00', words: 'mardi à dix heures' },
    place: '12 rue des Lilas',
    callbackNumber: '06 39 98 12 34',
    notes: null,
    state: { name: 'given', place: 'missing' },
  };
  expect(JSON.parse(maskContent(JSON.stringify(form), tools))).toEqual({
    ...form,
    name: '<name>',
    place: '<address>',
    callbackNumber: '<phone>',
  });
});

test('what cannot be masked is masked as a whole', () => {
  const failing = {
    ...tools,
    redact: () => {
      throw new Error('no');
    },
  };
  expect(maskContent('anything', failing)).toBe('<masked>');
  expect(maskContent('word '.repeat(10_000), tools)).toBe('<masked>');
});

function startStage(capture: CaptureLevel) {
  const exporter = new InMemoryLogRecordExporter();
  const level = createRedactor({ level: capture });
  const provider = new LoggerProvider({
    processors: [createRedactingLogProcessor(level), new SimpleLogRecordProcessor({ exporter })],
  });
  logs.disable();
  logs.setGlobalLoggerProvider(provider);
  const observers: CallObserver[] = [];
  const recorder = createContentRecorder({ capture, redactor: level, ownWords: ['Callspan Plumbing'] });
  const content = recorder.forCall({ observe: (observer) => void observers.push(observer) });
  return {
    content,
    provider,
    endCall: () => {
      for (const observer of observers) observer.callEnding?.(0);
    },
    records: () => exporter.getFinishedLogRecords(),
    bodies: () => exporter.getFinishedLogRecords().map((record) => record.body),
  };
}

const TRACE_ID = 'a'.repeat(32);
function contextOf(turnIndex: number): Context {
  const spanContext = { traceId: TRACE_ID, spanId: `${turnIndex}`.repeat(16), traceFlags: 1 };
  return trace.setSpanContext(withCallRef(ROOT_CONTEXT, { callSid: 'CA1', turnIndex }), spanContext);
}

afterEach(() => logs.disable());

test('at masked nothing leaves before the call has shown its values, which then are gone from what was said before', () => {
  const stage = startStage('masked');
  stage.content.record(LogEvent.transcript, 'fontaine voudrait venir', contextOf(1));
  stage.content.know({ name: null, place: null });
  stage.content.record(LogEvent.reply, 'bien, fontaine, et où donc ?', contextOf(2));
  expect(stage.bodies()).toEqual([]);
  stage.content.know({ name: 'Claire FONTAÎNE', place: 'Lilas' });
  expect(stage.bodies()).toEqual(['<name> voudrait venir', 'bien, <name>, et où donc ?']);
  stage.content.record(LogEvent.transcript, 'aux lîlas', contextOf(3));
  expect(stage.bodies()).toHaveLength(2);
  stage.endCall();
  expect(stage.bodies()[2]).toBe('aux <place>');
  expect(stage.records().map((record) => record.spanContext?.spanId)).toEqual(
    ['1', '2', '3'].map((id) => id.repeat(16)),
  );
  expect(stage.records()[0]?.attributes).toEqual({ 'gen_ai.conversation.id': 'CA1', 'voice.turn.index': 1 });
});

test('content that waited keeps the instant at which it was said', () => {
  import.meta.jest.useFakeTimers({ now: 1_000_000 });
  try {
    const stage = startStage('masked');
    stage.content.record(LogEvent.transcript, 'bonjour', contextOf(1));
    import.meta.jest.setSystemTime(2_000_000);
    stage.endCall();
    expect(stage.records()[0]?.hrTime).toEqual([1000, 0]);
    expect(stage.records()[0]?.hrTimeObserved).toEqual([1000, 0]);
  } finally {
    import.meta.jest.useRealTimers();
  }
});

test('what is said after the end is masked with what is known and leaves at once', () => {
  const stage = startStage('masked');
  stage.content.know({ name: 'Fontaine', place: null });
  stage.endCall();
  stage.content.record(LogEvent.reply, 'au revoir fontaine', contextOf(1));
  expect(stage.bodies()).toEqual(['au revoir <name>']);
});

test('a call that says too much to be held is masked as a whole from there', () => {
  const stage = startStage('masked');
  for (let turn = 0; turn < 30; turn += 1)
    stage.content.record(LogEvent.reply, 'bien sûr '.repeat(1500), contextOf(turn));
  const early = stage.bodies();
  expect(early.length).toBeGreaterThan(5);
  expect(new Set(early)).toEqual(new Set(['<masked>']));
  stage.endCall();
  expect(stage.bodies()).toHaveLength(30);
});

test.each([
  ['words', Array.from({ length: 300 }, (_, index) => `word${index}`).join(' ')],
  ['letters', 'x'.repeat(3000)],
])('a call that shows more personal %s than can be looked for is masked as a whole', (_what, place) => {
  const stage = startStage('masked');
  stage.content.record(LogEvent.transcript, 'bonjour', contextOf(1));
  stage.content.know({ place });
  expect(stage.bodies()).toEqual(['<masked>']);
});

test('at off nothing of what is said is kept, whoever records it', () => {
  const stage = startStage('off');
  stage.content.record(LogEvent.transcript, 'bonjour', contextOf(1));
  stage.endCall();
  expect(stage.records()).toEqual([]);
  for (const level of ['off', 'masked'] as const) {
    const other = startStage(level);
    other.provider.getLogger('own').emit({ eventName: LogEvent.transcript, body: 'bonjour' });
    expect(other.bodies()).toEqual(['<content>']);
  }
});

test('at full content stays as it was said, without secrets', () => {
  const stage = startStage('full');
  stage.content.record(LogEvent.transcript, 'Claire Fontaine, 06 39 98 12 34, password=hunter22', contextOf(1));
  expect(stage.bodies()).toEqual(['Claire Fontaine, 06 39 98 12 34, password=<secret>']);
});

test('log records lose personal data in body and attributes, nested ones too; the envelope of the audio stays', () => {
  const stage = startStage('off');
  const envelope = '{"caller":[0600000000,0600000001]}';
  stage.provider.getLogger('own').emit({
    body: 'mail a@b.fr',
    attributes: {
      name: 'Claire',
      'client.address': '203.0.113.9',
      nested: { phone: '0639981234', kept: 1 },
      kept: 'x',
    },
  });
  stage.provider.getLogger('own').emit({ eventName: LogEvent.envelope, body: envelope });
  expect(stage.bodies()).toEqual(['mail <email>', envelope]);
  expect(stage.records()[0]?.attributes).toEqual({ name: '<name>', nested: { phone: '<phone>', kept: 1 }, kept: 'x' });
});

test('a wrong option is refused by name, value and expected form', () => {
  expect(() => createContentRecorder({ capture: 'some' as CaptureLevel })).toThrow(
    'capture is "some"; expected "off", "masked" or "full"',
  );
});

test('what an app would record at full leaves a process below full masked, or not at all', () => {
  const masked = startStage('masked');
  const process = { redactor: createRedactor({ level: 'masked' }) };
  const observers: CallObserver[] = [];
  const call = { observe: (observer: CallObserver) => void observers.push(observer) };
  const content = createContentRecorder({ capture: 'full', ...process }).forCall(call);
  content.record(LogEvent.transcript, "je m'appelle Claire Fontaine, 06 39 98 12 34", contextOf(1));
  expect(masked.bodies()).toEqual([]);
  for (const observer of observers) observer.callEnding?.(0);
  expect(masked.bodies()).toEqual(["je m'appelle <name>, <phone>"]);

  const off = startStage('off');
  const nothing = createContentRecorder({ capture: 'full', redactor: createRedactor({ level: 'off' }) }).forCall(call);
  nothing.record(LogEvent.transcript, 'bonjour', contextOf(1));
  expect(off.bodies()).toEqual([]);
});

test('words that nobody has masked are not kept below full, whichever recorder they came through', () => {
  const stage = startStage('masked');
  const open = createContentRecorder({ capture: 'full', redactor: createRedactor({ level: 'full' }) });
  open.forCall({ observe() {} }).record(LogEvent.transcript, 'je suis Claire Fontaine', contextOf(1));
  expect(stage.bodies()).toEqual(['<content>']);
});

test('a recorder of its own at masked masks all of it in a process that keeps everything', () => {
  const stage = startStage('full');
  const redactor = createRedactor({ level: 'full' });
  const careful = createContentRecorder({ capture: 'masked', redactor }).forCall({ observe() {} });
  careful.record(LogEvent.transcript, 'mon adresse est a@b.fr, de 203.0.113.9', contextOf(1));
  careful.know({});
  expect(stage.bodies()).toEqual(['mon adresse est <email>, de <ip>']);
});

test.each(['masked', 'full'] as const)(
  'what is handed in wrong at %s ends no call, and no word is lost by it',
  (level) => {
    const stage = startStage(level);
    const unreadable = {
      get name(): string {
        throw new Error('no');
      },
    };
    stage.content.record(LogEvent.reply, 'bonjour', undefined as never);
    stage.content.record(LogEvent.reply, 'bonjour', {} as never);
    for (const values of [undefined, null, unreadable]) stage.content.know(values as never);
    const { record, know } = stage.content;
    know({ name: null });
    record(LogEvent.reply, 'au revoir', contextOf(1));
    stage.endCall();
    expect(stage.bodies()).toEqual(['bonjour', 'au revoir']);
  },
);
