import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { Icon } from '../components/icon.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import { useAccount } from '../use-account.ts';
import { useTitle } from '../use-title.ts';
import { CallbackDialog } from './callback-dialog.tsx';
import { EuiccDetails } from './euicc-details.tsx';
import { EuiccChange } from './euicc-change.tsx';
import { EuiccNext } from './euicc-next.tsx';
import { EuiccOperations } from './euicc-operations.tsx';
import { EuiccOrders, useOrders } from './euicc-orders.tsx';
import { EuiccProfiles } from './euicc-profiles.tsx';
import { NameDialog } from './name-dialog.tsx';
import { NoEim } from './no-euiccs.tsx';
import { Onboarding } from './onboarding.tsx';
import { OperationDialog } from './operation-dialog.tsx';
import type { Begun } from './operation-dialog.tsx';
import { operationPage } from './paths.ts';
import { RemoveDialog } from './remove-dialog.tsx';
import { useEuicc } from './use-euicc.ts';
import { askedInWords } from './when-handed.ts';
import { groupName, useGroups } from './use-groups.ts';
import '../styles/profile.css';
import './iot.css';

/** The dialog that is open. */
type Open = { dialog: 'name' | 'callback' | 'remove' } | { dialog: 'operation'; begun: Begun };

/** One eUICC: what is next, what is on it, and what it was asked to do. */
export function EuiccPage({ sid }: { sid: string }) {
  const { route } = useLocation();
  const mayChange = useMay('orders');
  const account = useAccount();
  const groups = useGroups();
  const { euicc, operations, reload } = useEuicc(sid);
  const { value, problem } = euicc;
  const orders = useOrders(value?.eid);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const ask = (begun: Begun) => setOpen({ dialog: 'operation', begun });
  useTitle(value?.friendly_name ?? `eUICC ${value?.eid.slice(-8) ?? ''}`);
  const isOff = account.value?.eim_id === null;
  const mayAsk = mayChange && !isOff && value?.status !== 'left';
  return (
    <>
      <a class="back" href={`${BASE}/euiccs`}>
        <Icon name="back" />
        IoT devices
      </a>
      <div class="page-head">
        <h1 class="profile-title">
          {value?.friendly_name ?? 'eUICC'}{' '}
          {value !== undefined && <Id text={value.eid} what="EID" whole />}
        </h1>
        {value !== undefined && <StatusPill status={value.status} />}
      </div>
      {problem?.status === 404 && (
        <div class="empty">
          <h2>eUICC not found</h2>
          <p>No eUICC with this SID or EID is registered in this account.</p>
        </div>
      )}
      {problem !== undefined && problem.status !== 404 && (
        <Problem problem={problem} retry={reload} />
      )}
      {isOff && <NoEim isShort />}
      {value !== undefined && operations.records !== undefined && (
        <>
          <EuiccNext
            euicc={value}
            operations={operations.records}
            mayAsk={mayAsk}
            onAsk={ask}
            onRemove={() => setOpen({ dialog: 'remove' })}
          />
          <div class="columns profile-columns">
            <div class="column">
              <EuiccProfiles euicc={value} orders={orders} {...(mayAsk ? { onAsk: ask } : {})} />
              <EuiccOperations
                list={operations}
                reload={reload}
                {...(mayAsk ? { onAsk: () => ask({}) } : {})}
              />
            </div>
            <div class="column">
              {!isOff && <Onboarding euicc={value} />}
              <EuiccDetails euicc={value} group={groupName(groups.value, value.group_sid)} />
              <EuiccOrders euicc={value} orders={orders} />
              {mayChange && (
                <EuiccChange
                  onName={() => setOpen({ dialog: 'name' })}
                  onCallback={() => setOpen({ dialog: 'callback' })}
                  onRemove={() => setOpen({ dialog: 'remove' })}
                />
              )}
            </div>
          </div>
          {open?.dialog === 'operation' && (
            <OperationDialog
              euicc={value}
              begun={open.begun}
              onDone={(operation) => {
                announce(askedInWords(value));
                reload();
                if (operation.kind === 'package') route(operationPage(sid, operation.sid));
              }}
              onClose={close}
            />
          )}
          {open?.dialog === 'name' && (
            <NameDialog
              euicc={value}
              group={groupName(groups.value, value.group_sid) ?? ''}
              onDone={(changed) => {
                euicc.change(() => changed);
                groups.reload();
              }}
              onClose={close}
            />
          )}
          {open?.dialog === 'callback' && (
            <CallbackDialog
              euicc={value}
              onDone={(changed) => euicc.change(() => changed)}
              onClose={close}
            />
          )}
          {open?.dialog === 'remove' && (
            <RemoveDialog
              euicc={value}
              onDone={() => route(`${BASE}/euiccs`, true)}
              onClose={close}
            />
          )}
        </>
      )}
    </>
  );
}
