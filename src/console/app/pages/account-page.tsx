import { api } from '../api.ts';
import { DetailsList } from '../components/details-list.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { Time } from '../components/time.tsx';
import { useMay } from '../session.ts';
import type { Account, Brand } from '../types.ts';
import { useAccount } from '../use-account.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import { CallbackSecretCard } from './callback-secret.tsx';
import { CallbackSettings } from './callback-settings.tsx';
import { BrandForm } from './brand-form.tsx';
import { ReleasePolicy } from './release-policy.tsx';
import '../styles/account.css';

/** The settings of the account. */
export function AccountPage() {
  useTitle('Account');
  const mayChange = useMay('full');
  const account = useAccount();
  const brand = useLoad('/v1/Account/Brand', (signal) =>
    api.get<Brand>('/v1/Account/Brand', {}, signal),
  );
  const problem = account.problem ?? brand.problem;
  return (
    <>
      <PageHead title="Account" />
      {!mayChange && <p class="note">This API key can’t change settings.</p>}
      {problem !== undefined && (
        <Problem
          problem={problem}
          retry={() => {
            account.reload();
            brand.reload();
          }}
        />
      )}
      {brand.value !== undefined && (
        <BrandForm brand={brand.value} onSave={(saved) => brand.change(() => saved)} />
      )}
      {account.value !== undefined && (
        <div class="columns columns-even">
          <ReleasePolicy account={account.value} onSave={(saved) => account.change(() => saved)} />
          <div class="column">
            <CallbackSettings
              account={account.value}
              onSave={(saved) => account.change(() => saved)}
            />
            {mayChange && <CallbackSecretCard />}
            <AccountDetails account={account.value} />
          </div>
        </div>
      )}
    </>
  );
}

function AccountDetails({ account }: { account: Account }) {
  const { sid, friendly_name: name, smdp_plus_address: address, version } = account;
  return (
    <section class="card" aria-labelledby="account-details">
      <h2 id="account-details">Details</h2>
      <DetailsList
        rows={[
          ['Name', name],
          ['SID', <Id key="sid" text={sid} what="account SID" whole />],
          ['SM-DP+', <Id key="smdp" text={address} what="SM-DP+ address" whole />],
          ['Version', version],
          ['Created', <Time key="created" date={account.date_created} />],
        ]}
      />
    </section>
  );
}
