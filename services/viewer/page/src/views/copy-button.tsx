import { type MouseEvent, useEffect, useState } from 'react';
import { useWords } from '../data/page-context.ts';

type CopyButtonProps = {
  readonly text: string;
  /** Its name for who cannot see what stands beside it. */
  readonly label: string;
  /** Its words, where "Copy" alone would not say what. */
  readonly says?: string;
};

/** A button that copies a text and says that it did. */
export function CopyButton({ text, label, says }: CopyButtonProps) {
  const words = useWords();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async ({ currentTarget }: MouseEvent<HTMLElement>) => {
    // A browser has no clipboard where the page came by plain http from another machine, and may refuse it anywhere.
    const clipboard: Clipboard | undefined = navigator.clipboard;
    const wrote = clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setIsCopied((await wrote) || copySelected(text, currentTarget));
  };
  return (
    <button type="button" className="copy" aria-label={label} onClick={(event) => void copy(event)}>
      {isCopied ? words.call.copied : (says ?? words.call.copy)}
    </button>
  );
}

/** Copies as people do, by selecting. Within `near`'s parent, because an open dialog makes all else unselectable. @returns whether it did */
function copySelected(text: string, near: HTMLElement): boolean {
  const field = document.createElement('textarea');
  field.className = 'hidden-text';
  field.value = text;
  near.after(field);
  field.select();
  const didCopy = document.execCommand('copy');
  field.remove();
  near.focus();
  return didCopy;
}
