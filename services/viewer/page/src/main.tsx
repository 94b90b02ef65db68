import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startCallList } from './data/call-list-store.ts';
import { startLive } from './data/live.ts';
import { PageProvider } from './data/page-context.ts';
import { chooseWords } from './words/choose.ts';

const words = chooseWords(location.search, navigator.languages);
document.documentElement.lang = words.locale;
const live = startLive('/api/v1/live');
const followAttention = () => (document.hidden ? live.pause() : live.resume());
document.addEventListener('visibilitychange', followAttention);
followAttention();
const callList = startCallList(live);

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <PageProvider value={{ words, live, callList, arrival: { fromCall: null, searches: false } }}>
      <App />
    </PageProvider>
  </StrictMode>,
);
