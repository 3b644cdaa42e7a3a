import { useLocation, useRoute } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Icon } from '../components/icon.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { useProfileChanges } from '../events.ts';
import { PushedCard } from '../iot/pushed-card.tsx';
import { usePushed } from '../iot/use-pushed.ts';
import { BASE } from '../location.ts';
import type {
  Callback,
  EsimProfile,
  EsimProfileEvent,
  InstallLink,
  RspLogEntry,
} from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useRecords } from '../use-records.ts';
import { useTitle } from '../use-title.ts';
import { LinkDialog } from './link-dialog.tsx';
import { DONE, ORDER_DIALOGS } from './order-dialogs.tsx';
import type { Change } from './order-dialogs.tsx';
import { Callbacks } from './profile-callbacks.tsx';
import { ProfileChange } from './profile-change.tsx';
import { ProfileDetails } from './profile-details.tsx';
import { ProfileDownload } from './profile-download.tsx';
import { ProfileHistory } from './profile-history.tsx';
import { ProfileLabels } from './profile-labels.tsx';
import { ProfileLinks } from './profile-links.tsx';
import { ProfileNext } from './profile-next.tsx';
import { ProfileSim } from './profile-sim.tsx';
import { ProfileSteps } from './profile-steps.tsx';
import { QrDialog } from './qr-dialog.tsx';
import { ReportDialog } from './report-dialog.tsx';
import { RspLog } from './rsp-log.tsx';
import '../styles/profile.css';

export function ProfilePage() {
  const { sid = '' } = useRoute().params;
  // Keyed by SID, so no state carries over from another profile.
  return <Profile key={sid} sid={sid} />;
}

/** The dialog that is open. */
type Open = Change | 'link' | 'qr' | 'report';

function Profile({ sid }: { sid: string }) {
  const path = `/v1/ESimProfiles/${encodeURIComponent(sid)}`;
  const profile = useLoad(path, (signal) => api.get<EsimProfile>(path, {}, signal));
  const there = profile.value === undefined ? undefined : path;
  const history = useRecords<EsimProfileEvent>(there && `${path}/Events`, 'events');
  const log = useRecords<RspLogEntry>(there && `${path}/RspLog`, 'rsp_log');
  const callbacks = useRecords<Callback>(there && `${path}/Callbacks`, 'callbacks');
  const links = useRecords<InstallLink>(there && `${path}/InstallLinks`, 'install_links');
  const pushed = usePushed(profile.value);
  const [open, setOpen] = useState<Open>();
  const { route } = useLocation();
  const close = () => setOpen(undefined);

  function reloadRest(): void {
    for (const list of [history, log, callbacks]) list.reload();
  }
  function reload(): void {
    profile.reload();
    reloadRest();
  }
  function changed(action: Change, result: EsimProfile): void {
    announce(DONE[action]);
    if (result.sid !== sid) return route(`${BASE}/profiles/${result.sid}`);
    profile.change(() => result);
    reloadRest();
  }
  useProfileChanges(({ event, esim_profile: now }) => {
    if (now.sid !== sid) return;
    profile.change(() => now);
    if (event.previous_status !== now.status) announce(`The profile is ${now.status}`);
    reloadRest();
  }, reload);

  const { value, problem } = profile;
  useTitle(value?.friendly_name ?? `Profile ${sid.slice(-6)}`);
  const events = history.records ?? [];
  const action = open === 'link' || open === 'qr' || open === 'report' ? undefined : open;
  const OrderDialog = action && ORDER_DIALOGS[action];
  const offered = {
    link: () => setOpen('link'),
    qr: () => setOpen('qr'),
    reissue: () => setOpen('reissue'),
    reorder: () => setOpen('reorder'),
    cancel: () => setOpen('cancel'),
  };
  return (
    <>
      <a class="back" href={`${BASE}/profiles`}>
        <Icon name="back" />
        eSIM Profiles
      </a>
      <div class="page-head">
        <h1 class="profile-title">
          {value?.friendly_name ?? 'Profile'} <Id text={sid} what="SID" whole />
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
          <div class="card top">
            <ProfileNext profile={value} events={events} pushed={pushed} offered={offered} />
            <ProfileSteps profile={value} events={events} />
          </div>
          <div class="columns profile-columns">
            <div class="column">
              <ProfileChange profile={value} events={events} onChoose={setOpen} />
              <ProfileLabels profile={value} onEdit={() => setOpen('labels')} />
              <ProfileHistory history={history} />
              <RspLog log={log} onReport={() => setOpen('report')} />
              <Callbacks profile={value} callbacks={callbacks} />
            </div>
            <div class="column">
              <ProfileDownload profile={value} />
              <ProfileLinks
                profile={value}
                links={links}
                path={path}
                onCreate={() => setOpen('link')}
              />
              {pushed !== undefined && <PushedCard pushed={pushed} />}
              <ProfileDetails profile={value} />
              {value.sim_sid !== null && <ProfileSim sid={value.sim_sid} />}
            </div>
          </div>
          {open === 'link' && <LinkDialog path={path} onCreate={links.reload} onClose={close} />}
          {open === 'qr' && <QrDialog profile={value} onClose={close} />}
          {open === 'report' && <ReportDialog path={path} onClose={close} />}
          {action !== undefined && OrderDialog !== undefined && (
            <OrderDialog
              key={action}
              profile={value}
              path={path}
              onDone={(result) => changed(action, result)}
              onRefused={reload}
              onClose={close}
            />
          )}
        </>
      )}
    </>
  );
}
