import { useEffect, useRef } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { toAddress } from '../data/address.ts';
import { usePage } from '../data/page-context.ts';
import { useCall } from '../data/use-call.ts';
import { useCommand } from '../data/use-command.ts';
import type { CallData } from '../model/call-data.ts';
import { CallBody } from './call-body.tsx';
import { CallFacts } from './call-facts.tsx';
import { Connection } from './connection.tsx';
import { Failure } from './failure.tsx';
import { Help, type HelpHandle } from './help.tsx';

/** Call: where did the caller's time go? */
export function CallView({ callSid }: { readonly callSid: string }) {
  const { words, arrival } = usePage();
  const { data, failure, reload } = useCall(callSid);
  const search = useSearch();
  const [, navigate] = useLocation();
  const help = useRef<HelpHandle>(null);

  useEffect(() => {
    document.title = `${callSid} · Callspan`;
    arrival.fromCall = callSid;
  }, [callSid, arrival]);

  useCommand((command) => {
    if (command === 'help') help.current?.show();
    else if (command === 'search') {
      arrival.searches = true;
      navigate(toAddress('/', search));
    } else return false;
    return true;
  });

  return (
    <div className="page call-page">
      <header className="bar">
        <Link href={toAddress('/', search)} className="back">
          <span aria-hidden="true">‹ </span>
          {words.call.back}
        </Link>
        <CallFacts callSid={callSid} data={data} />
        {/* Nothing more comes of a call that has ended, or is unknown. */}
        {data?.summary.state === 'live' && <Connection />}
        <Help ref={help} />
      </header>
      {failure && <Failure failure={failure} onRetry={reload} />}
      {!data && !failure && <p className="dim loading">{words.call.loading}</p>}
      {data && <CallMain data={data} onBack={() => navigate(toAddress('/', search))} />}
    </div>
  );
}

function CallMain({ data, onBack }: { readonly data: CallData; readonly onBack: () => void }) {
  const { words } = usePage();
  return data.spans.size === 0 ? (
    <p className="dim loading">{words.call.nothing}</p>
  ) : (
    <CallBody data={data} onBack={onBack} />
  );
}
