import { type Ref, useImperativeHandle, useRef } from 'react';
import { useWords } from '../data/page-context.ts';

/** What another component may ask of the help. */
export type HelpHandle = { readonly show: () => void };

/** The keys, behind `?` and a button. */
export function Help({ ref }: { readonly ref?: Ref<HelpHandle> }) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useImperativeHandle(ref, () => ({ show: () => dialog.current?.showModal() }), []);
  return (
    <>
      <button type="button" className="quiet" onClick={() => dialog.current?.showModal()}>
        <kbd>?</kbd> {words.help.open}
      </button>
      <dialog ref={dialog} aria-labelledby="help-title">
        <form method="dialog">
          <h2 id="help-title">{words.help.title}</h2>
          <dl className="keys">
            {words.help.rows.map(([keys, what]) => (
              <div key={what}>
                <dt>
                  {keys.split(/ +/).map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <button type="submit">{words.help.close}</button>
        </form>
      </dialog>
    </>
  );
}
