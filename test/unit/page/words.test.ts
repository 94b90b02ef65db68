import { Attr, gapSegmentKey, SEGMENTS, SpanName, Stage } from 'callspan/conventions';
import { findSpanWord } from '../../../services/viewer/page/src/model/span-word.ts';
import { chooseWords } from '../../../services/viewer/page/src/words/choose.ts';
import { en } from '../../../services/viewer/page/src/words/en.ts';
import { fr } from '../../../services/viewer/page/src/words/fr.ts';
import { sayDeadAir, sayReason, sayStatement, sayWait, signOf } from '../../../services/viewer/page/src/words/say.ts';
import { sayAttribute } from '../../../services/viewer/page/src/words/say-attribute.ts';
import { sayDetail } from '../../../services/viewer/page/src/words/say-detail.ts';
import { sayEvent } from '../../../services/viewer/page/src/words/say-event.ts';
import { createSpanBuilder } from '../../helpers/span-builder.ts';

test('the language of the address bar wins over the browser’s, and English stands in for unknown ones', () => {
  expect(chooseWords('?lang=fr', ['en-GB'])).toBe(fr);
  expect(chooseWords('', ['fr-CA', 'en'])).toBe(fr);
  expect(chooseWords('?lang=xx', ['de', 'fr'])).toBe(fr);
  expect(chooseWords('', ['de'])).toBe(en);
});

test('both languages have the same texts, down to the last key', () => {
  const paths = (value: unknown, at = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => paths(inner, `${at}.${key}`))
      : [at];
  expect(paths(fr).sort()).toEqual(paths(en).sort());
});

test('no text shouts or jokes: no exclamation mark, no emoji', () => {
  const texts = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value ? Object.values(value).flatMap(texts) : [];
  for (const text of [...texts(en), ...texts(fr)]) expect(text).not.toMatch(/!|\p{Extended_Pictographic}/u);
});

test('a wait shows how sure it is', () => {
  expect(sayWait(en, 1420, 'media_clock', 10)).toBe('1.42 s ±10 ms');
  expect(sayWait(en, 1420, 'mark_ack', 40)).toBe('~1.42 s');
  expect(sayWait(fr, 1420, 'send', null)).toBe('≥ 1,42 s');
  expect(sayWait(en, 1420, 'none', null)).toBe('not measured');
});

test('attributes that are durations are written as durations, whatever their unit', () => {
  expect(sayAttribute(en, 'voice.playout.sent_ms', 3640)).toBe('3.64 s');
  expect(sayAttribute(en, 'gen_ai.response.time_to_first_chunk', 0.342)).toBe('342 ms');
  expect(sayAttribute(en, 'gen_ai.response.finish_reasons', ['stop', 'length'])).toBe('stop, length');
  expect(sayAttribute(en, 'voice.extraction.valid', false)).toBe('false');
});

const build = (
  name: string,
  attributes: Parameters<ReturnType<typeof createSpanBuilder>['add']>[0]['attributes'] = {},
) => createSpanBuilder(1, {}).add({ name, parent: null, fromMs: 0, toMs: 100, attributes });

test('every attribute that a span or record can have means something in both languages', () => {
  const ofResources: readonly string[] = [
    Attr.serviceName,
    Attr.serviceNamespace,
    Attr.serviceVersion,
    Attr.serviceInstanceId,
    Attr.deploymentEnvironment,
    Attr.hostName,
    Attr.processPid,
  ];
  const onMetricsOrEvents: readonly string[] = [
    Attr.tokenType,
    Attr.thresholdId,
    Attr.thresholdLevel,
    Attr.thresholdLimitMs,
    Attr.thresholdValueMs,
    Attr.exceptionType,
    Attr.exceptionMessage,
    Attr.exceptionStacktrace,
  ];
  const keys = [...Object.values(Attr), ...SEGMENTS.map(gapSegmentKey)].filter(
    (key) => !ofResources.includes(key) && !onMetricsOrEvents.includes(key),
  );
  for (const { attributeMeanings } of [en, fr]) expect(keys.filter((key) => !attributeMeanings[key])).toEqual([]);
});

test('the seven parts of a wait have the names that the page gives them everywhere', () => {
  const names = SEGMENTS.map((segment) => en.spanNames[findSpanWord(build(`voice.${segment}`)) ?? 'wait']);
  expect(names).toEqual([
    'noticing the end',
    'transcribing',
    'model’s first word',
    'waiting for a sentence',
    'speech’s first sound',
    'in the bot’s queue',
    'on the line',
  ]);
});

test('the seven parts of a wait can each stand in a sentence', () => {
  const words = SEGMENTS.map((segment) => findSpanWord(build(`voice.${segment}`)) ?? 'wait');
  const say = (of: typeof en) =>
    words.map((word) => sayStatement(of, { kind: 'segment', word, durationMs: 457, model: null, causes: [] }));
  expect(say(en)).toEqual([
    '457 ms of it was the time to notice the end.',
    '457 ms of it was the transcription.',
    '457 ms of it was the model’s first word.',
    '457 ms of it was the wait for a whole sentence.',
    '457 ms of it was the first sound of speech.',
    '457 ms of it was the bot’s queue.',
    '457 ms of it was the line.',
  ]);
  expect(say(fr)[0]).toBe('Dont 457 ms : remarquer la fin.');
});

test('both of Twilio’s reports have one name, and say what was reported', () => {
  const call = build(SpanName.webhookStatus, { [Attr.callStatus]: 'completed' });
  const stream = build(SpanName.webhookStreamStatus, { [Attr.streamEvent]: 'stream-stopped' });
  expect([call, stream].map(findSpanWord)).toEqual(['status', 'status']);
  expect([call, stream].map((span) => sayDetail(en, span))).toEqual(['completed', 'stream-stopped']);
  const unnamed = { ...build('POST', { [Attr.httpRoute]: '/stream-status' }), kind: 'server' as const };
  expect(findSpanWord(unnamed)).toBe('status');
});

test('speech that was cut short or had holes says so, speech heard to its end needs no word', () => {
  const spoke = (attributes: object) => sayDetail(en, build(SpanName.playout, { ...attributes }));
  const sent = { [Attr.playoutSentMs]: 3600 };
  expect(spoke({ ...sent, [Attr.playoutHeardMs]: 3600 })).toBeNull();
  expect(spoke({ ...sent, [Attr.playoutHeardMs]: 1340, [Attr.playoutUnderrunMs]: 80 })).toBe(
    '1.34 s of 3.60 s heard, gaps of 80 ms',
  );
  const bargeIn = { [Attr.bargeInSentMs]: 3600, [Attr.bargeInHeardMs]: 1340, [Attr.stage]: Stage.bargeIn };
  expect(sayDetail(fr, build(SpanName.bargeIn, bargeIn))).toBe('1,34 s entendues sur 3,60 s');
});

test('a filler, silence and a missing wait are told in words, and a cause without words as it is', () => {
  const filler = { [Attr.gapFiller]: true, [Attr.gapSubstantiveMs]: 4130 };
  expect(sayDetail(en, build(SpanName.responseGap, filler))).toBe('a filler, answer after 4.13 s');
  expect(sayDeadAir(fr, 'waiting_tool')).toBe('silence pendant qu’un outil travaille');
  expect([sayReason(en, 'no_reply'), sayReason(en, null), sayReason(en, '__proto__')]).toEqual([
    'the bot did not answer',
    'no reason given',
    '__proto__',
  ]);
});

test('a breach has a sign and, as an event, words; other events tell their attributes', () => {
  expect([signOf('warning'), signOf('critical'), signOf(null)]).toEqual(['!', '!!', '']);
  const breach = {
    [Attr.thresholdLevel]: 'critical',
    [Attr.thresholdLimitMs]: 750,
    [Attr.thresholdValueMs]: 1570,
  };
  const said = sayEvent(en, { name: 'voice.threshold.breached', timeMs: 0, attributes: breach });
  expect(said).toBe('over the limit: 1.57 s, limit 750 ms');
  expect(sayEvent(en, { name: 'voice.dtmf', timeMs: 0, attributes: { a: 1, b_ms: 20 } })).toBe('a 1 · b_ms 20 ms');
});
