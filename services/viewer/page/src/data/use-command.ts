import { useEffect, useRef } from 'react';
import { type Command, findCommand, type KeyPress } from '../model/keyboard.ts';

/** Calls `run` for each key that asks for something; `run` returns true when it did it, and the key does nothing else then. */
export function useCommand(run: (command: Command) => boolean): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // An open dialog has the keys to itself.
      if (document.querySelector('dialog[open]')) return;
      const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
      const command = findCommand({ key: event.key, hasModifier, focus: findFocus() });
      if (command && latest.current(command)) event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

function findFocus(): KeyPress['focus'] {
  const focused = document.activeElement;
  if (focused?.matches('input, textarea, select')) return 'text';
  if (focused?.matches('a, button, summary')) return 'control';
  return focused?.matches('.panel-part') ? 'scroller' : 'other';
}
