import { Attr, SpanName, Stage } from 'callspan/conventions';
import { createSampleCall, type SampleCall } from './sample-call.ts';
import { createSpanBuilder } from './span-builder.ts';

const TURN_MS = 6000;

/** A call of many turns, each with a healthy wait but for one of 5.2 s. @param slowTurn which one that is */
export function createLongCall({ turns, slowTurn }: { readonly turns: number; readonly slowTurn: number }): SampleCall {
  const startedAtMs = Date.now() - turns * TURN_MS - 60_000;
  const { detail, summary } = createSampleCall({ startedAtMs, seed: 31, withGap: true });
  const { callSid } = summary;
  const builder = createSpanBuilder(31, { [Attr.conversationId]: callSid });
  const call = builder.add({
    name: SpanName.call,
    parent: null,
    fromMs: startedAtMs,
    toMs: startedAtMs + (turns + 1) * TURN_MS,
  });
  for (let index = 1; index <= turns; index++) {
    const fromMs = startedAtMs + index * TURN_MS;
    const waitMs = index === slowTurn ? 4200 : 600 + ((index * 37) % 500);
    const spokenMs = fromMs + 500;
    const attributes = { [Attr.turnIndex]: index };
    const turn = builder.add({ name: SpanName.turn, parent: call, fromMs, toMs: fromMs + 5500, attributes });
    builder.add({ name: SpanName.userSpeech, parent: turn, fromMs, toMs: spokenMs, attributes });
    const gap = builder.add({
      name: SpanName.responseGap,
      parent: turn,
      fromMs: spokenMs,
      toMs: spokenMs + waitMs,
      attributes: { ...attributes, [Attr.stage]: Stage.responseGap, [Attr.gapSource]: 'media_clock' },
    });
    const answerMs = spokenMs + waitMs;
    const first = { ...attributes, [Attr.stage]: Stage.llmFirstToken };
    builder.add({ name: SpanName.llmFirstToken, parent: gap, fromMs: spokenMs, toMs: answerMs, attributes: first });
    builder.add({ name: SpanName.playout, parent: turn, fromMs: answerMs, toMs: fromMs + 5500, attributes });
  }
  const known = { ...summary, traceId: builder.traceId, turns, durationMs: (turns + 1) * TURN_MS };
  return {
    spans: builder.spans,
    summary: known,
    detail: { ...detail, ...known, turnList: [], pending: [], logs: [] },
  };
}
