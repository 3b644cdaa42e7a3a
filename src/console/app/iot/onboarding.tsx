import { api } from '../api.ts';
import { Command } from '../components/command.tsx';
import { DetailsList } from '../components/details-list.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Icon } from '../components/icon.tsx';
import { Problem } from '../components/problem.tsx';
import { useLoad } from '../use-load.ts';
import { fileHref } from './file.ts';
import { euiccPath } from './paths.ts';
import type { Euicc, EuiccOnboarding } from './types.ts';

const useOnboarding = ({ sid }: Euicc) => {
  const path = `${euiccPath(sid)}/Onboarding`;
  return useLoad(path, (signal) => api.get<EuiccOnboarding>(path, {}, signal));
};

/** Downloads what the device's IPA passes to the eUICC. */
export function OnboardingButton({ euicc, look }: { euicc: Euicc; look: string }) {
  const { value } = useOnboarding(euicc);
  if (value === undefined) return null;
  return (
    <a class={look} href={fileHref(value.add_initial_eim_request)} download={`${euicc.eid}.ber`}>
      <Icon name="download" />
      Download the onboarding file
    </a>
  );
}

/** How the device comes to know this eIM. */
export function Onboarding({ euicc }: { euicc: Euicc }) {
  const { value, problem, reload } = useOnboarding(euicc);
  const isDone = euicc.date_seen !== null;
  return (
    <section class="card" aria-labelledby="onboarding">
      <h2 id="onboarding">Onboarding</h2>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value !== undefined && (
        <>
          <p class={isDone ? 'muted' : undefined}>
            {isDone
              ? 'The device polls, so it has been onboarded. An eUICC takes the file only while it knows no eIM.'
              : 'The IPA of the device passes this file to the eUICC, once, in the factory or later, while the eUICC knows no eIM. It has no secret.'}
          </p>
          <DetailsList
            rows={[
              ['eIM', <code key="id">{value.eim_id}</code>],
              ['Polls', <code key="fqdn">{value.eim_fqdn}</code>],
            ]}
          />
          <div class="card-actions">
            <OnboardingButton euicc={euicc} look={isDone ? 'button' : 'button button-primary'} />
          </div>
          <Disclosure summary="On the command line, or as text">
            {() => (
              <>
                <Command text={`npx simwright eim onboarding ${euicc.eid}`} />
                <Command text={value.add_initial_eim_request} what="AddInitialEimRequest, base64" />
              </>
            )}
          </Disclosure>
        </>
      )}
    </section>
  );
}
