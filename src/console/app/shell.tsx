import { useLocation } from 'preact-iso/router';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { announce } from './announce.tsx';
import { Icon } from './components/icon.tsx';
import type { IconName } from './components/icon.tsx';
import { Menu } from './components/menu.tsx';
import { Shortcuts } from './components/shortcuts.tsx';
import { StreamBanner } from './components/stream-banner.tsx';
import { hasKeptJob } from './bulk/kept-job.ts';
import { focusContent } from './focus.ts';
import { toProblem } from './http.ts';
import { later } from './later.tsx';
import { BASE } from './location.ts';
import { isEmpty, selection } from './selection.ts';
import { sessionState, signOut, useMay } from './session.ts';
import { useStore } from './store.ts';
import { chooseTheme, theme, THEMES } from './theme.ts';
import { chooseTimeForm, TIME_FORMS, timeForm } from './time-form.ts';
import { scopeText } from './scope-text.ts';

const AccountMenu = later(
  'account menu',
  async () => (await import('./account-menu.tsx')).AccountMenu,
);
const Dock = later('dock', async () => (await import('./bulk/dock.tsx')).Dock);

const LINKS: [path: string, title: string, icon: IconName][] = [
  ['/dashboard', 'Dashboard', 'chart'],
  ['/profiles', 'eSIM Profiles', 'profile'],
  ['/batches', 'Batches', 'batch'],
  ['/sims', 'Sims', 'sim'],
  ['/euiccs', 'IoT devices', 'chip'],
  ['/callbacks', 'Callbacks', 'bell'],
  ['/stock', 'Stock', 'stock'],
  ['/operators', 'Operators', 'switch'],
  ['/keys', 'API keys', 'key'],
  ['/account', 'Account', 'account'],
  ['/connect', 'Connect', 'plug'],
];

/** The frame around every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  const mayChange = useMay('orders');
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <div class="shell">
      <a class="skip" href="#content" onClick={skipToContent}>
        Skip to content
      </a>
      <header class="side" data-open={open}>
        <div class="side-top">
          <a class="brand" href={`${BASE}/profiles`}>
            <Logo />
            Simwright
          </a>
          <button
            type="button"
            class="button-quiet side-toggle"
            aria-expanded={open}
            aria-controls="side-body"
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'close' : 'menu'} />
            Menu
          </button>
        </div>
        <div class="side-body" id="side-body">
          {mayChange && (
            <a
              class="button button-primary side-order"
              href={`${BASE}/order`}
              aria-keyshortcuts="n"
            >
              <Icon name="plus" />
              Order a profile
              <kbd aria-hidden="true">n</kbd>
            </a>
          )}
          <nav aria-label="Main">
            <ul>
              {LINKS.map(([to, title, icon]) => (
                <li key={to}>
                  <a
                    href={BASE + to}
                    aria-current={path.startsWith(BASE + to) ? 'page' : undefined}
                  >
                    <Icon name={icon} />
                    {title}
                  </a>
                </li>
              ))}
              <li>
                <a href="/docs">
                  <Icon name="book" />
                  API reference
                </a>
              </li>
            </ul>
          </nav>
          <AccountCorner />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <StreamBanner />
        {children}
        <Docked path={path} />
      </main>
      <Shortcuts />
    </div>
  );
}

/** What floats at the bottom, once there is anything. */
function Docked({ path }: { path: string }) {
  const chosen = useStore(selection);
  const [needed, setNeeded] = useState(hasKeptJob);
  useEffect(() => {
    if (!isEmpty(chosen)) setNeeded(true);
  }, [chosen]);
  return needed ? <Dock onList={path === `${BASE}/profiles`} /> : null;
}

/** Done by script: the router would take a fragment in the address bar for a change of page. */
function skipToContent(event: Event): void {
  event.preventDefault();
  focusContent();
}

export function Logo() {
  return <img class="logo" src={`${BASE}/icon.svg`} alt="" width="20" height="20" />;
}

function AccountCorner() {
  const state = useStore(sessionState);
  if (state.kind !== 'signed-in') return null;
  const { friendly_name: name, account_sid: sid, scope } = state.session;
  return (
    <div class="account">
      <Menu
        icon="switch"
        up
        title={
          <>
            <span class="account-name">{name}</span>
            {scope !== 'full' && <span class="pill">{scopeText(scope)}</span>}
          </>
        }
      >
        {(close) => <AccountMenu close={close} />}
      </Menu>
      <code class="muted" title={sid}>{`${sid.slice(0, 10)}…${sid.slice(-4)}`}</code>
      <div class="account-actions">
        <ThemeChoice />
        <TimeChoice />
        <button
          type="button"
          class="button-quiet"
          onClick={() => {
            signOut().catch((error: unknown) => announce(toProblem(error).message));
          }}
        >
          <Icon name="signOut" />
          Sign out
        </button>
      </div>
    </div>
  );
}

const THEME_ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const;

function ThemeChoice() {
  const chosen = useStore(theme);
  const next = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length]!;
  return (
    <button
      type="button"
      class="button-quiet"
      title={`Theme: ${chosen}; switch to ${next}`}
      aria-label={`Theme: ${chosen}`}
      onClick={() => {
        chooseTheme(next);
        announce(`Theme: ${next}`);
      }}
    >
      <Icon name={THEME_ICONS[chosen]} />
    </button>
  );
}

function TimeChoice() {
  const chosen = useStore(timeForm);
  const next = TIME_FORMS[(TIME_FORMS.indexOf(chosen) + 1) % TIME_FORMS.length]!;
  return (
    <button
      type="button"
      class="button-quiet"
      title={`Times: ${chosen}; switch to ${next}`}
      aria-label={`Times: ${chosen}`}
      onClick={() => {
        chooseTimeForm(next);
        announce(`Times: ${next}`);
      }}
    >
      <Icon name="clock" />
    </button>
  );
}
