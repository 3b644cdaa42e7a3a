import { Command } from '../components/command.tsx';
import { DetailsList } from '../components/details-list.tsx';
import { Id } from '../components/sid.tsx';
import { PageHead } from '../components/page-head.tsx';
import { BASE, useQuery } from '../location.ts';
import { sessionState } from '../session.ts';
import { useStore } from '../store.ts';
import { useAccount } from '../use-account.ts';
import { useTitle } from '../use-title.ts';
import { snippets } from './snippets.ts';

/** How to connect programs to this server. */
export function ConnectPage() {
  useTitle('Connect');
  const query = useQuery();
  const state = useStore(sessionState);
  const sid = state.kind === 'signed-in' ? state.session.account_sid : '';
  const account = useAccount();
  const all = snippets(location.origin, sid);
  const shown = all.find(({ id }) => id === query.get('sdk')) ?? all[0]!;
  return (
    <>
      <PageHead title="Connect">
        <a class="button" href="/docs">
          API reference
        </a>
      </PageHead>
      <p class="lead muted">
        Programs written for the Super SIM API work with this server once their requests go here.
      </p>
      <section class="card column program" aria-labelledby="sdk">
        <h2 id="sdk">Your program</h2>
        <div class="chips" role="group" aria-label="Language">
          {all.map(({ id, title }) => (
            <button
              key={id}
              type="button"
              class="chip chip-plain"
              aria-pressed={id === shown.id}
              onClick={() => query.change({ sdk: id === all[0]!.id ? '' : id }, true)}
            >
              {title}
            </button>
          ))}
        </div>
        {shown.install !== undefined && <Command text={shown.install} what="installation" />}
        <Command text={shown.code} what={`example for ${shown.title}`} />
        <p class="muted">
          The auth token isn’t shown here: <code>npx simwright account show {sid} --token</code>{' '}
          prints it. Better, give each program <a href={`${BASE}/keys`}>its own API key</a>.
        </p>
      </section>
      <div class="columns columns-even">
        <section class="card" aria-labelledby="here">
          <h2 id="here">This server</h2>
          <DetailsList
            rows={[
              ['Base URL', <Id key="url" text={location.origin} what="base URL" whole />],
              ['Account SID', <Id key="sid" text={sid} what="account SID" whole />],
              [
                'SM-DP+',
                account.value && (
                  <Id
                    key="smdp"
                    text={account.value.smdp_plus_address}
                    what="SM-DP+ address"
                    whole
                  />
                ),
              ],
              ['Version', account.value?.version],
            ]}
          />
        </section>
        <section class="card" aria-labelledby="phone">
          <h2 id="phone">A virtual phone</h2>
          <Command text="npx simwright device create" />
          <Command text="npx simwright device download 'LPA:ACTIVATION_CODE'" />
        </section>
      </div>
    </>
  );
}
