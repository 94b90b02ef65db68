import { readFileSync } from 'node:fs';
import { checkPrices } from './check-prices.ts';

/**
 * The price of one model in US dollars, in exactly one way: by tokens (`…PerMillion`), by minute of audio, or by
 * character of text. What `component` says counts where the use of a call does not tell it.
 */
export type ModelPrice = {
  readonly component: 'stt' | 'llm' | 'tts';
  /** Text tokens that were not read from the cache. */
  readonly inputPerMillion?: number;
  /** Without it, cached tokens cost what others do. */
  readonly cachedInputPerMillion?: number;
  /** Without it, tokens written to the cache cost what others do. */
  readonly cacheWritePerMillion?: number;
  /** Text and reasoning tokens. */
  readonly outputPerMillion?: number;
  readonly audioInputPerMillion?: number;
  readonly cachedAudioInputPerMillion?: number;
  readonly audioOutputPerMillion?: number;
  readonly perMinute?: number;
  readonly perMillionCharacters?: number;
  /** Where the figures are from. */
  readonly source?: string;
};

/** The price of a call's minutes on the telephone network, US dollars; started increments are charged. */
export type CarrierPrice = {
  readonly perMinute: number;
  /** Default 60: a call of 61 s is charged as two minutes. */
  readonly incrementSeconds?: number;
  readonly source?: string;
};

/** Rows by `provider/model` and by `carrier/direction`; `null` takes a row away. */
export type PriceRows = {
  readonly models?: Readonly<Record<string, ModelPrice | null>>;
  readonly carrier?: Readonly<Record<string, CarrierPrice | null>>;
};

/** A whole dated file, as `prices.json` is. */
export type PriceFile = PriceRows & {
  readonly asOf: string;
  readonly currency: 'USD';
  readonly source?: string;
};

/** Prices, looked up. */
export type PriceList = {
  /** The date of the file, ISO. */
  readonly asOf: string;
  /** Also finds the base model of a dated name (`gpt-6-luna-2026-09-01`). */
  findModel(provider: string, model: string): ModelPrice | undefined;
  /** The carriers that have a price, in whichever direction. */
  readonly carriers: readonly string[];
  /** @param name the carrier as configured, for example `twilio/us-local` */
  findCarrier(name: string, direction: string): CarrierPrice | undefined;
};

const SHIPPED_FILE = new URL('../../prices.json', import.meta.url);
const DATE_SUFFIX = /-\d{4}-\d{2}-\d{2}$/;

/**
 * The prices that hold: those shipped with the kit, with the rows of `given` over them. A `given` with `asOf` is a whole
 * file and holds alone.
 * @throws TypeError naming the row, its value and the expected form
 */
export function createPriceList(given: PriceFile | PriceRows = {}): PriceList {
  checkPrices(given);
  const shipped: PriceFile = 'asOf' in given ? given : readShipped();
  const models = new Map(Object.entries({ ...shipped.models, ...given.models }));
  const carrier = new Map(Object.entries({ ...shipped.carrier, ...given.carrier }));
  return {
    asOf: shipped.asOf,
    carriers: [...new Set([...carrier].flatMap(([name, row]) => (row ? [name.slice(0, name.lastIndexOf('/'))] : [])))],
    findModel(provider, model) {
      const named = (id: string) => models.get(`${provider}/${id}`);
      const exact = named(model);
      return (exact === undefined ? named(model.replace(DATE_SUFFIX, '')) : exact) ?? undefined;
    },
    findCarrier: (name, direction) => carrier.get(`${name}/${direction}`) ?? undefined,
  };
}

function readShipped(): PriceFile {
  const file = JSON.parse(readFileSync(SHIPPED_FILE, 'utf8')) as PriceFile;
  checkPrices(file);
  return file;
}
