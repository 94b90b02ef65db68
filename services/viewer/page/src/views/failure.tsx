import { Link, useSearch } from 'wouter';
import { toAddress } from '../data/address.ts';
import type { ApiFailure, FailureCode } from '../data/api.ts';
import { useWords } from '../data/page-context.ts';

type FailureProps = { readonly failure: ApiFailure; readonly onRetry: () => void };

/** Failures that nothing but their own message explains. */
const QUOTED: readonly FailureCode[] = ['refused', 'server', 'display'];

/** What went wrong, why, and what to do about it. */
export function Failure({ failure, onRetry }: FailureProps) {
  const words = useWords();
  const search = useSearch();
  const { what, why, todo } = words.failure[failure.code];
  return (
    <div className="notice" role="alert">
      <p className="notice-what">{what}</p>
      <p>
        {why} {QUOTED.includes(failure.code) && <q>{failure.message}</q>}
      </p>
      <p>{todo}</p>
      <p className="notice-actions">
        <button type="button" onClick={onRetry}>
          {words.retry}
        </button>
        {failure.code === 'not_found' && <Link href={toAddress('/', search)}>{words.toCalls}</Link>}
      </p>
    </div>
  );
}
