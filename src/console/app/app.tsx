import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { Announcer } from './announce.tsx';
import { Problem } from './components/problem.tsx';
import { closeStream, openStream } from './events.ts';
import { later } from './later.tsx';
import { BASE } from './location.ts';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { ProfilePage } from './pages/profile-page.tsx';
import { ProfilesPage } from './pages/profiles-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { resumeSession, sessionState } from './session.ts';
import { Shell } from './shell.tsx';
import { useStore } from './store.ts';
import { forgetLoaded } from './use-load.ts';

const CallbacksPage = later(
  'callbacks',
  async () => (await import('./pages/callbacks-page.tsx')).CallbacksPage,
);
const ConnectPage = later(
  'connect',
  async () => (await import('./pages/connect-page.tsx')).ConnectPage,
);
const DashboardPage = later(
  'dashboard',
  async () => (await import('./pages/dashboard-page.tsx')).DashboardPage,
);
const KeysPage = later('keys', async () => (await import('./pages/keys-page.tsx')).KeysPage);
const OrderPage = later('order', async () => (await import('./pages/order-page.tsx')).OrderPage);
const SimsPage = later('sims', async () => (await import('./pages/sims-page.tsx')).SimsPage);
const StockPage = later('stock', async () => (await import('./pages/stock-page.tsx')).StockPage);

export function App() {
  return (
    <LocationProvider scope={BASE}>
      <Page />
      <Announcer />
    </LocationProvider>
  );
}

/** Shows the sign-in form in place of any page until the user is signed in. */
function Page(): VNode | null {
  const state = useStore(sessionState);
  if (state.kind === 'signed-in') return <SignedIn key={state.session.account_sid} />;
  if (state.kind === 'signed-out') return <SignInPage why={state.why} />;
  if (state.kind === 'unknown') return null;
  return (
    <main class="lonely">
      <Problem problem={state.problem} retry={() => void resumeSession(undefined)} />
    </main>
  );
}

function SignedIn() {
  useEffect(() => {
    openStream();
    return () => {
      closeStream();
      forgetLoaded();
    };
  }, []);
  return (
    <Shell>
      <Router onRouteChange={focusContent}>
        <Route path={`${BASE}/profiles`} component={ProfilesPage} />
        <Route path={`${BASE}/profiles/:sid`} component={ProfilePage} />
        <Route path={`${BASE}/order`} component={OrderPage} />
        <Route path={`${BASE}/dashboard`} component={DashboardPage} />
        <Route path={`${BASE}/sims`} component={SimsPage} />
        <Route path={`${BASE}/callbacks`} component={CallbacksPage} />
        <Route path={`${BASE}/stock`} component={StockPage} />
        <Route path={`${BASE}/keys`} component={KeysPage} />
        <Route path={`${BASE}/connect`} component={ConnectPage} />
        <Route path={BASE} component={ToProfiles} />
        <Route path={`${BASE}/sign-in`} component={ToProfiles} />
        <Route default component={NotFoundPage} />
      </Router>
    </Shell>
  );
}

/** Moves the focus, so a screen reader continues with the new page. */
function focusContent(): void {
  document.getElementById('content')?.focus({ preventScroll: true });
}

function ToProfiles() {
  const { route } = useLocation();
  useEffect(() => route(`${BASE}/profiles`, true), []);
  return null;
}
