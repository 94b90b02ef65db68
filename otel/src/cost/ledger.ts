import type { Attributes } from '@opentelemetry/api';
import { Attr, type CostComponent, Metric, Stage } from '../conventions/index.ts';
import type { Instruments } from '../instruments.ts';
import { costNanoUsd, type ModelUsage, NANO_USD } from './model-usage.ts';
import type { PriceList } from './price-list.ts';

/** One request to a model and what it used. */
export type CostEntry = {
  readonly provider: string | undefined;
  /** As asked for: the label of the metric. */
  readonly model: string | undefined;
  /** As the answer names it: decides the price when it was told. */
  readonly servedModel?: string | undefined;
  /** `voice.stage`: the use. */
  readonly stage: string | undefined;
  readonly usage: ModelUsage;
};

/** A priced part of a call. */
export type CostLine = {
  readonly component: CostComponent;
  readonly model: string;
  readonly stage: string;
  readonly usd: number;
};

/** The money of one call. Sums are exact to 1e-9 dollars in whatever order they come. */
export type CostLedger = {
  /** US dollars of the entry; undefined (and the call's cost unknown) without a price or without what it is by. */
  record(entry: CostEntry): number | undefined;
  /** Something was used that cannot be priced. */
  markUnknown(): void;
  /** What was recorded, summed by component, model and use. */
  readonly lines: readonly CostLine[];
  /**
   * Adds the carrier's minutes and returns the attributes of the call's span, once. A carrier that is configured and has
   * no price makes the cost unknown, as a model does; `false` says that nobody charges for the line.
   */
  close(durationMs: number): Attributes;
};

/** @param carrier the name under which `prices` has the carrier's rows, or false when the line costs nothing */
export type CostTools = {
  readonly prices: PriceList;
  readonly instruments: Instruments;
  readonly carrier: string | false;
};

const BY_STAGE: Readonly<Record<string, CostComponent>> = {
  [Stage.transcription]: 'stt',
  [Stage.reply]: 'llm',
  [Stage.extraction]: 'llm',
  [Stage.synthesis]: 'tts',
};

/** The ledger of one call; `direction` chooses the carrier's row. */
export function createCostLedger({ prices, instruments, carrier }: CostTools, direction = 'inbound'): CostLedger {
  const sums = new Map<string, { readonly line: Omit<CostLine, 'usd'>; nano: number }>();
  let isKnown = true;
  let isClosed = false;

  const add = (line: Omit<CostLine, 'usd'>, nano: number): number => {
    const key = JSON.stringify(line);
    const sum = sums.get(key) ?? { line, nano: 0 };
    sum.nano += nano;
    sums.set(key, sum);
    const { component, model, stage } = line;
    const labels = { component, [Attr.requestModel]: model, [Attr.stage]: stage };
    if (nano > 0) instruments.record(Metric.cost, nano / NANO_USD, labels);
    return nano / NANO_USD;
  };

  const addCarrier = (durationMs: number) => {
    if (carrier === false) return;
    const price = prices.findCarrier(carrier, direction);
    if (!price) {
      isKnown = false;
      return;
    }
    const incrementMs = (price.incrementSeconds ?? 60) * 1000;
    // Whole milliseconds: the difference of two instants may be a hair over a minute that is full.
    const minutes = (Math.ceil(Math.round(durationMs) / incrementMs) * incrementMs) / 60_000;
    add({ component: 'carrier', model: carrier, stage: 'none' }, Math.round(minutes * price.perMinute * NANO_USD));
  };

  return {
    record(entry) {
      if (isClosed) return undefined;
      const { provider = 'unknown', model = 'unknown', servedModel, stage = 'none', usage } = entry;
      const price = prices.findModel(provider, servedModel ?? model);
      const nano = price && costNanoUsd(price, usage);
      if (!price || nano === undefined) {
        isKnown = false;
        return undefined;
      }
      return add({ component: BY_STAGE[stage] ?? price.component, model, stage }, nano);
    },
    markUnknown() {
      isKnown = false;
    },
    get lines() {
      return [...sums.values()].map(({ line, nano }) => ({ ...line, usd: nano / NANO_USD }));
    },
    close(durationMs) {
      if (isClosed) return {};
      addCarrier(durationMs);
      isClosed = true;
      const all = [...sums.values()];
      const sumOf = (component?: CostComponent) =>
        all.reduce((nano, sum) => (component && sum.line.component !== component ? nano : nano + sum.nano), 0) /
        NANO_USD;
      if (isKnown) instruments.record(Metric.callCost, sumOf());
      return {
        [Attr.callCostUsd]: sumOf(),
        [Attr.callCostSttUsd]: sumOf('stt'),
        [Attr.callCostLlmUsd]: sumOf('llm'),
        [Attr.callCostTtsUsd]: sumOf('tts'),
        [Attr.callCostCarrierUsd]: sumOf('carrier'),
        [Attr.callCostKnown]: isKnown,
      };
    },
  };
}
