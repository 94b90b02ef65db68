import { setTimeout as delay } from 'node:timers/promises';
import type { StoreAddresses } from './addresses.ts';
import { type Answer, ask, describeAnswer, isGood } from './ask.ts';
import { MARKED_SERIES, MARKED_SERVICE, type Mark, type MarkedSignal } from './mark.ts';

/** What came of the search: `how` is told as what was seen. */
export type Found = {
  /** `unknown`: whoever would have it does not answer. */
  readonly outcome: 'found' | 'missing' | 'unknown';
  readonly where: string;
  readonly how: string;
  readonly wayOut: string;
};

/** A line of a log has to be there within 5 s; batches of the Collector and the blocks of Tempo take a few more. */
const FOUND_WITHIN_MS = 20_000;
const BETWEEN_MS = 500;

type Place = {
  readonly name: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isThere: (answer: Answer) => boolean;
};

/** Looks for the mark where its signal ends, again and again for 20 s. */
export async function findMark(signal: MarkedSignal, mark: Mark, stores: StoreAddresses): Promise<Found> {
  const place = choosePlace(signal, mark, stores);
  if (!place) {
    // The viewer answers after it has committed, and says what it did not keep.
    const how = 'kept: the viewer answers when it has stored what it was sent';
    return { outcome: 'found', where: stores.viewer, how, wayOut: '' };
  }
  const startedAt = performance.now();
  for (;;) {
    const answer = await ask(place.url, place.headers ? { headers: place.headers } : {});
    const tookS = (performance.now() - startedAt) / 1000;
    if (isGood(answer) && place.isThere(answer)) {
      return {
        outcome: 'found',
        where: place.url,
        how: `found again in ${place.name} after ${tookS.toFixed(1)} s`,
        wayOut: '',
      };
    }
    if (answer.status === undefined) {
      const how = `taken, but ${place.name} ${describeAnswer(answer)}: nobody can say whether it arrived`;
      return {
        outcome: 'unknown',
        where: place.url,
        how,
        wayOut: `start ${place.name}, or set the variable of its address`,
      };
    }
    if (tookS * 1000 > FOUND_WITHIN_MS) {
      const seen = isGood(answer) ? 'has it not' : describeAnswer(answer);
      const how = `taken ${tookS.toFixed(0)} s ago, and ${place.name} ${seen}`;
      return {
        outcome: 'missing',
        where: place.url,
        how,
        wayOut: 'npm run doctor -- stack says which engine is in the way',
      };
    }
    await delay(BETWEEN_MS);
  }
}

function choosePlace(signal: MarkedSignal, mark: Mark, stores: StoreAddresses): Place | undefined {
  if (stores.isViewerAlone) return signal === 'traces' ? viewerPlace(mark, stores) : undefined;
  if (signal === 'traces') {
    const url = `${stores.tempo}/api/traces/${mark.traceId}`;
    return {
      name: 'Tempo',
      url,
      headers: { accept: 'application/json' },
      isThere: ({ text }) => text.includes(MARKED_SERVICE),
    };
  }
  if (signal === 'logs') {
    const query = `{service_name="${MARKED_SERVICE}"} | trace_id="${mark.traceId}"`;
    const url = `${stores.loki}/loki/api/v1/query_range?since=10m&query=${encodeURIComponent(query)}`;
    return { name: 'Loki', url, isThere: ({ text }) => text.includes(mark.traceId) };
  }
  const query = `${MARKED_SERIES}{service_name="${MARKED_SERVICE}"} >= ${mark.sentAtS}`;
  const url = `${stores.prometheus}/api/v1/query?query=${encodeURIComponent(query)}`;
  return { name: 'Prometheus', url, isThere: ({ text }) => text.includes(MARKED_SERVICE) };
}

function viewerPlace({ traceId }: Mark, { viewer, viewerToken }: StoreAddresses): Place {
  const url = `${viewer}/tempo/api/traces/${traceId}`;
  const isThere = ({ text }: Answer) => text.includes(MARKED_SERVICE);
  const headers = viewerToken ? { headers: { authorization: `Bearer ${viewerToken}` } } : {};
  return { name: 'the viewer', url, ...headers, isThere };
}
