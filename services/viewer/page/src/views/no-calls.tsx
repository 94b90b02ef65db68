import { useWords } from '../data/page-context.ts';
import { useReceiverPort } from '../data/use-receiver-port.ts';
import { CopyButton } from './copy-button.tsx';

const COMMAND = 'npm run call';

/** Nothing has been stored yet: what to do to see a first call. */
export function NoCalls() {
  const words = useWords();
  const port = useReceiverPort();
  const setting = `OTEL_EXPORTER_OTLP_ENDPOINT=http://${location.hostname}:${port}`;
  return (
    <div className="notice">
      <p className="notice-what">{words.calls.emptyTitle}</p>
      <p>
        <code>{COMMAND}</code> {words.calls.emptyRun}.{' '}
        <CopyButton text={COMMAND} label={`${words.call.copy} ${COMMAND}`} />
      </p>
      {port !== null && (
        <p>
          {words.calls.emptyEndpoint} <code>{setting}</code>.{' '}
          <CopyButton text={setting} label={`${words.call.copy} ${setting}`} />
        </p>
      )}
    </div>
  );
}

/** Calls are there, but none that was searched for. */
export function NoMatch({ query, onClear }: { readonly query: string; readonly onClear: () => void }) {
  const words = useWords();
  return (
    <div className="notice" role="status">
      <p className="notice-what">{words.calls.noMatch(query)}</p>
      <p>{words.calls.noMatchHelp}</p>
      <button type="button" onClick={onClear}>
        {words.calls.clear}
      </button>
    </div>
  );
}
