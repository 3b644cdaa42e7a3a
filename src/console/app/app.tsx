import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { Announcer } from './announce.tsx';
import { Problem } from './components/problem.tsx';
import { profileStream } from './events.ts';
import { focusContent } from './focus.ts';
import { euiccStream } from './iot/euicc-events.ts';
import { later } from './later.tsx';
import { BASE } from './location.ts';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { ProfilesPage } from './pages/profiles-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { clearSelection } from './selection.ts';
import { resumeSession, sessionState } from './session.ts';
import { Shell } from './shell.tsx';
import { useStore } from './store.ts';
import { forgetLoaded } from './use-load.ts';

const AccountPage = later(
  'account',
  async () => (await import('./pages/account-page.tsx')).AccountPage,
);
const BatchPage = later('batch', async () => (await import('./pages/batch-page.tsx')).BatchPage);
const BatchesPage = later(
  'batches',
  async () => (await import('./pages/batches-page.tsx')).BatchesPage,
);
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
const IotPages = later('IoT', async () => (await import('./iot/iot-pages.tsx')).IotPages);
const KeysPage = later('keys', async () => (await import('./pages/keys-page.tsx')).KeysPage);
const AuditPage = later('audit', async () => (await import('./pages/audit-page.tsx')).AuditPage);
const OperatorsPage = later(
  'operators',
  async () => (await import('./pages/operators-page.tsx')).OperatorsPage,
);
const OrderManyPage = later(
  'order many',
  async () => (await import('./pages/order-many-page.tsx')).OrderManyPage,
);
const OrderPage = later('order', async () => (await import('./pages/order-page.tsx')).OrderPage);
const ProfilePage = later(
  'profile',
  async () => (await import('./pages/profile-page.tsx')).ProfilePage,
);
const AddAccountPage = later(
  'add account',
  async () => (await import('./pages/add-account-page.tsx')).AddAccountPage,
);
const Elsewhere = later(
  'elsewhere',
  async () => (await import('./pages/elsewhere-page.tsx')).ElsewherePage,
);
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
  if (state.kind === 'signed-in') return <SignedIn key={state.session.csrf_token} />;
  if (state.kind === 'elsewhere') return <Elsewhere {...state} />;
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
    profileStream.open();
    return () => {
      profileStream.close();
      euiccStream.close();
      clearSelection();
      forgetLoaded();
    };
  }, []);
  return (
    <Shell>
      <Router onRouteChange={focusContent}>
        <Route path={`${BASE}/profiles`} component={ProfilesPage} />
        <Route path={`${BASE}/profiles/:sid`} component={ProfilePage} />
        <Route path={`${BASE}/order`} component={OrderPage} />
        <Route path={`${BASE}/order/many`} component={OrderManyPage} />
        <Route path={`${BASE}/batches`} component={BatchesPage} />
        <Route path={`${BASE}/batches/:sid`} component={BatchPage} />
        <Route path={`${BASE}/dashboard`} component={DashboardPage} />
        <Route path={`${BASE}/sims`} component={SimsPage} />
        <Route path={`${BASE}/euiccs/:rest*`} component={IotPages} />
        <Route path={`${BASE}/callbacks`} component={CallbacksPage} />
        <Route path={`${BASE}/operators`} component={OperatorsPage} />
        <Route path={`${BASE}/stock`} component={StockPage} />
        <Route path={`${BASE}/keys`} component={KeysPage} />
        <Route path={`${BASE}/audit`} component={AuditPage} />
        <Route path={`${BASE}/account`} component={AccountPage} />
        <Route path={`${BASE}/connect`} component={ConnectPage} />
        <Route path={`${BASE}/add-account`} component={AddAccountPage} />
        <Route path={BASE} component={ToProfiles} />
        <Route path={`${BASE}/sign-in`} component={ToProfiles} />
        <Route default component={NotFoundPage} />
      </Router>
    </Shell>
  );
}

function ToProfiles() {
  const { route } = useLocation();
  useEffect(() => route(`${BASE}/profiles`, true), []);
  return null;
}
