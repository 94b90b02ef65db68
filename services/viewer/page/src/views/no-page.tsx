import { useEffect } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { toAddress } from '../data/address.ts';
import { useWords } from '../data/page-context.ts';

/** An address that leads nowhere: what it was, and the way back. */
export function NoPage() {
  const words = useWords();
  const [path] = useLocation();
  const search = useSearch();
  useEffect(() => {
    document.title = `${words.noPage.title} · Callspan`;
  }, [words]);
  return (
    <div className="page">
      <header className="bar">
        <Link href={toAddress('/', search)} className="back">
          <span aria-hidden="true">‹ </span>
          {words.call.back}
        </Link>
        <h1>{words.noPage.title}</h1>
      </header>
      <main className="notice">
        <p className="notice-what">{words.noPage.what}</p>
        <p>
          <code>{path}</code>
        </p>
        <p>
          <Link href={toAddress('/', search)}>{words.toCalls}</Link>
        </p>
      </main>
    </div>
  );
}
