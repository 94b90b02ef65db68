import type { ApiFailure } from '../data/api.ts';
import { useWords } from '../data/page-context.ts';

type FailureProps = { readonly failure: ApiFailure; readonly onRetry: () => void };

/** What went wrong, why, and what to do about it. */
export function Failure({ failure, onRetry }: FailureProps) {
  const words = useWords();
  const { what, why, todo } = words.failure[failure.code];
  return (
    <div className="notice" role="alert">
      <p className="notice-what">{what}</p>
      <p>
        {why} {(failure.code === 'server' || failure.code === 'display') && <q>{failure.message}</q>}
      </p>
      <p>{todo}</p>
      <button type="button" onClick={onRetry}>
        {words.retry}
      </button>
    </div>
  );
}
