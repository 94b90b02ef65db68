import { useEffect, useRef } from 'react';
import { useWords } from '../data/page-context.ts';
import { formatDuration, formatSeconds } from '../format/duration.ts';
import { findWaitLevel, WAIT_LIMIT } from '../model/limits.ts';
import { findMedian } from '../model/median.ts';
import { findWaitInQuestion, listMeasured, type TurnWait } from '../model/turn-waits.ts';
import { sayReason, sayWait } from '../words/say.ts';
import type { Words } from '../words/words.ts';
import { BreachSign } from './breach-sign.tsx';

type WaitsProps = {
  readonly waits: readonly TurnWait[];
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly selectedId: string | null;
  readonly onSelect: (spanId: string) => void;
};

/** The ribbon: the caller's wait in each turn against its limit; nothing for a call whose bot does not measure it. */
export function Waits({ waits, nowMs, selectedId, onSelect }: WaitsProps) {
  const words = useWords();
  const list = useRef<HTMLOListElement>(null);
  useScrollTo(list, findWaitInQuestion(waits, selectedId));
  if (waits.length === 0) return null;
  const figures = waits.map((wait) => findFigure(wait, nowMs));
  const scaleMs = Math.max(WAIT_LIMIT ? WAIT_LIMIT.criticalMs * 1.25 : 1, ...figures.map((ms) => ms ?? 0));
  const measured = listMeasured(waits);
  const medianMs = findMedian(measured.map(({ gap }) => gap.durationMs));
  return (
    <section className="waits" aria-label={words.call.waits}>
      <span className="waits-title" aria-hidden="true">
        {words.call.waits}
      </span>
      <ol ref={list}>
        {waits.map((wait, at) => (
          <li key={wait.turnIndex}>
            <button
              type="button"
              className={`wait wait-${wait.state}`}
              aria-pressed={wait.spanId === selectedId}
              title={describe(words, wait, figures[at] ?? null)}
              onClick={() => onSelect(wait.spanId)}
            >
              <span className="wait-turn">
                <span className="hidden-text">{words.spanNames.turn} </span>
                {wait.turnIndex}
              </span>
              <WaitBody wait={wait} durationMs={figures[at] ?? null} scaleMs={scaleMs} />
            </button>
          </li>
        ))}
      </ol>
      <span className="dim waits-note">
        {WAIT_LIMIT && (
          <span>
            <span className="limit-key" aria-hidden="true" />{' '}
            {words.call.limit(formatDuration(WAIT_LIMIT.criticalMs, words))}
          </span>
        )}
        {medianMs !== null && <span>{words.call.median(formatDuration(medianMs, words))}</span>}
        <span>{words.call.measured(measured.length, waits.length)}</span>
      </span>
    </section>
  );
}

/** A ribbon of many turns scrolls in a few lines of its own: the wait in question has to be among those that are seen. */
function useScrollTo(list: { readonly current: HTMLElement | null }, index: number): void {
  useEffect(() => {
    const item = list.current?.children[index];
    if (!(item instanceof HTMLElement) || !list.current) return;
    const { offsetTop, offsetHeight } = item;
    const { scrollTop, clientHeight } = list.current;
    const isSeen = offsetTop >= scrollTop && offsetTop + offsetHeight <= scrollTop + clientHeight;
    if (!isSeen) list.current.scrollTop = offsetTop - (clientHeight - offsetHeight) / 2;
  }, [list, index]);
}

type WaitBodyProps = { readonly wait: TurnWait; readonly durationMs: number | null; readonly scaleMs: number };

function WaitBody({ wait, durationMs, scaleMs }: WaitBodyProps) {
  const words = useWords();
  if (durationMs === null) {
    const why = wait.state === 'unmeasured' ? sayReason(words, wait.reason) : words.call.turnGoesOn;
    return <span className="wait-why">{why}</span>;
  }
  const level = wait.state === 'measured' ? wait.gap.level : findWaitLevel(durationMs, null);
  const prefix = wait.state === 'measured' ? PREFIX[wait.gap.source] : '';
  return (
    <>
      <span className="wait-scale" aria-hidden="true">
        <span className="wait-bar" style={{ height: `${(durationMs / scaleMs) * 100}%` }} />
        {WAIT_LIMIT && (
          <span className="wait-limit" style={{ bottom: `${(WAIT_LIMIT.criticalMs / scaleMs) * 100}%` }} />
        )}
      </span>
      <span>
        {prefix}
        {formatSeconds(durationMs, words)}
        <span className="wait-unit"> s</span>
      </span>
      <BreachSign level={level} />
    </>
  );
}

const PREFIX = { media_clock: '', mark_ack: '~', send: '≥ ', none: '' } as const;

function findFigure(wait: TurnWait, nowMs: number): number | null {
  if (wait.state === 'measured') return wait.gap.durationMs;
  return wait.state === 'waiting' ? Math.max(0, nowMs - wait.gap.startMs) : null;
}

function describe(words: Words, wait: TurnWait, durationMs: number | null): string {
  const { call, panel } = words;
  if (wait.state === 'unmeasured') return call.waitNotMeasured(wait.turnIndex, sayReason(words, wait.reason));
  if (durationMs === null) return call.turn(wait.turnIndex);
  if (wait.state !== 'measured') return call.waitOf(wait.turnIndex, formatDuration(durationMs, words));
  const { source, uncertaintyMs } = wait.gap;
  return `${call.waitOf(wait.turnIndex, sayWait(words, durationMs, source, uncertaintyMs))} (${panel.gapSources[source]})`;
}
