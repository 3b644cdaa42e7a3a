import { useRoute } from 'preact-iso/router';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Icon } from '../components/icon.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { useProfileChanges } from '../events.ts';
import { BASE } from '../location.ts';
import type { Callback, EsimProfile, EsimProfileEvent, RspLogEntry } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useRecords } from '../use-records.ts';
import { useTitle } from '../use-title.ts';
import { Callbacks } from './profile-callbacks.tsx';
import { ProfileDetails } from './profile-details.tsx';
import { ProfileDownload } from './profile-download.tsx';
import { ProfileHistory } from './profile-history.tsx';
import { ProfileSim } from './profile-sim.tsx';
import { ProfileSteps } from './profile-steps.tsx';
import { RspLog } from './rsp-log.tsx';

export function ProfilePage() {
  const { sid = '' } = useRoute().params;
  // Keyed by SID, so no state carries over from another profile.
  return <Profile key={sid} sid={sid} />;
}

function Profile({ sid }: { sid: string }) {
  useTitle(`Profile ${sid.slice(-6)}`);
  const path = `/v1/ESimProfiles/${encodeURIComponent(sid)}`;
  const profile = useLoad(path, (signal) => api.get<EsimProfile>(path, {}, signal));
  const there = profile.value === undefined ? undefined : path;
  const history = useRecords<EsimProfileEvent>(there && `${path}/Events`, 'events');
  const log = useRecords<RspLogEntry>(there && `${path}/RspLog`, 'rsp_log');
  const callbacks = useRecords<Callback>(there && `${path}/Callbacks`, 'callbacks');

  function reloadRest(): void {
    for (const list of [history, log, callbacks]) list.reload();
  }
  useProfileChanges(
    ({ event, esim_profile: changed }) => {
      if (changed.sid !== sid) return;
      profile.change(() => changed);
      if (event.previous_status !== changed.status) announce(`The profile is ${changed.status}`);
      reloadRest();
    },
    () => {
      profile.reload();
      reloadRest();
    },
  );

  const { value, problem } = profile;
  return (
    <>
      <a class="back" href={`${BASE}/profiles`}>
        <Icon name="back" />
        eSIM Profiles
      </a>
      <div class="page-head">
        <h1 class="profile-title">
          Profile <Id text={sid} what="SID" whole />
        </h1>
        {value !== undefined && <StatusPill status={value.status} />}
      </div>
      {problem?.status === 404 && (
        <div class="empty">
          <h2>Profile not found</h2>
          <p>There is no profile with this SID in this account.</p>
        </div>
      )}
      {problem !== undefined && problem.status !== 404 && (
        <Problem problem={problem} retry={profile.reload} />
      )}
      {value !== undefined && (
        <>
          <ProfileSteps profile={value} events={history.records ?? []} />
          <div class="columns profile-columns">
            <div class="column">
              <ProfileHistory history={history} />
              <RspLog log={log} />
              <Callbacks profile={value} callbacks={callbacks} />
            </div>
            <div class="column">
              <ProfileDownload profile={value} />
              <ProfileDetails profile={value} />
              {value.sim_sid !== null && <ProfileSim sid={value.sim_sid} />}
            </div>
          </div>
        </>
      )}
    </>
  );
}
