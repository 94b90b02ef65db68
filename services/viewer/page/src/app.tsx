import { Redirect, Route, Switch } from 'wouter';
import { CallView } from './views/call-view.tsx';
import { CallsView } from './views/calls-view.tsx';

/** The page's views by address. */
export function App() {
  return (
    <Switch>
      <Route path="/">
        <CallsView />
      </Route>
      <Route path="/calls/:callSid">{({ callSid }) => <CallView key={callSid} callSid={callSid} />}</Route>
      <Route>
        <Redirect to="/" replace />
      </Route>
    </Switch>
  );
}
