import { Route, Switch } from 'wouter';
import { CallView } from './views/call-view.tsx';
import { CallsView } from './views/calls-view.tsx';
import { ErrorBoundary } from './views/error-boundary.tsx';
import { NoPage } from './views/no-page.tsx';

/** The page's views by address. */
export function App() {
  return (
    <Switch>
      <Route path="/">
        <ErrorBoundary>
          <CallsView />
        </ErrorBoundary>
      </Route>
      <Route path="/calls/:callSid">
        {({ callSid }) => (
          <ErrorBoundary key={callSid}>
            <CallView callSid={callSid} />
          </ErrorBoundary>
        )}
      </Route>
      <Route>
        <NoPage />
      </Route>
    </Switch>
  );
}
