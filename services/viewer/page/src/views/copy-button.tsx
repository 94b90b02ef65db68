import { useEffect, useState } from 'react';
import { useWords } from '../data/page-context.ts';

/** A button that copies a text and says that it did. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const words = useWords();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setIsCopied(true),
      // Without the permission to copy, the text stays selectable beside the button.
      () => setIsCopied(false),
    );
  return (
    <button type="button" className="copy" aria-label={label} onClick={() => void copy()}>
      {isCopied ? words.call.copied : words.call.copy}
    </button>
  );
}
