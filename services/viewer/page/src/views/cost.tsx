import { useMemo, useRef } from 'react';
import { useWords } from '../data/page-context.ts';
import { formatUsd } from '../format/money.ts';
import type { CallData } from '../model/call-data.ts';
import { findCost, splitCost } from '../model/cost.ts';
import { sayName } from '../words/say.ts';
import { sayCost } from '../words/say-cost.ts';

/** What the call cost, and behind it what for; nothing where no cost is told. */
export function Cost({ data }: { readonly data: CallData }) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const cost = useMemo(() => findCost(data.spans.values(), data.summary.cost), [data]);
  if (!cost) return null;
  return (
    <>
      <span className="fact">
        <button type="button" className="quiet cost" onClick={() => dialog.current?.showModal()}>
          {sayCost(words, cost, data.summary.state === 'live')}
        </button>
      </span>
      <dialog ref={dialog} className="cost-dialog" aria-labelledby="cost-title">
        <form method="dialog">
          <h2 id="cost-title">
            {words.cost.title}: {sayCost(words, cost, data.summary.state === 'live')}
          </h2>
          <CostTables data={data} />
          <button type="submit">{words.panel.close}</button>
        </form>
      </dialog>
    </>
  );
}

function CostTables({ data }: { readonly data: CallData }) {
  const words = useWords();
  const { components, models } = useMemo(() => splitCost(data.spans.values()), [data.spans]);
  return (
    <>
      <table className="cost-table">
        <caption>{words.cost.byComponent}</caption>
        <tbody>
          {components.map((line) => (
            <tr key={line.component}>
              <th scope="row">{words.cost.components[line.component]}</th>
              <td className="figure">
                <Usd usd={line.usd} isKnown={line.isKnown} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className="cost-table">
        <caption>{words.cost.byModel}</caption>
        <tbody>
          {models.map((line) => (
            <tr key={`${line.model} ${line.stage}`}>
              <th scope="row">
                {line.model}
                <span className="dim"> {sayName(words, line.word, line.stage)}</span>
              </th>
              <td className="figure dim">{words.cost.requests(line.requests)}</td>
              <td className="figure">
                <Usd usd={line.usd} isKnown={line.isKnown} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Usd({ usd, isKnown }: { readonly usd: number | null; readonly isKnown: boolean }) {
  const words = useWords();
  if (usd === null) return <span className="dim">{words.cost.unknown}</span>;
  const figure = formatUsd(usd, words);
  return isKnown ? figure : words.cost.atLeast(figure);
}
