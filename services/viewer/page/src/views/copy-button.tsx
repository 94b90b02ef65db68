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
  const copy = async () => {
    // Without the permission to copy, or a clipboard (plain http), the text stays selectable beside the button.
    const clipboard: Clipboard | undefined = navigator.clipboard;
    await clipboard?.writeText(text).then(
      () => setIsCopied(true),
      () => setIsCopied(false),
    );
  };
  return (
    <button type="button" className="copy" aria-label={label} onClick={() => void copy()}>
      {isCopied ? words.call.copied : words.call.copy}
    </button>
  );
}
