import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { DetailsList } from '../components/details-list.tsx';
import { Icon } from '../components/icon.tsx';
import { NextCard } from '../components/next-card.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { ProfileLink } from '../pages/profile-next.tsx';
import { useMay } from '../session.ts';
import { useTitle } from '../use-title.ts';
import { errorInWords } from './error-in-words.ts';
import { GiveUpDialog } from './give-up-dialog.tsx';
import { isCancellable } from './is-cancellable.ts';
import { kindOf, operationInWords } from './kinds.ts';
import { OperationDialog } from './operation-dialog.tsx';
import { OperationSteps } from './operation-steps.tsx';
import { operationStep } from './operation-step.ts';
import { Packages } from './packages.tsx';
import { bulkPage, euiccPage, operationPath } from './paths.ts';
import type { EuiccCommand, EuiccOperation } from './types.ts';
import { useOperation } from './use-operation.ts';
import { askedInWords } from './when-handed.ts';
import '../styles/profile.css';
import './iot.css';

/** One operation on an eUICC: how far it is, why it has failed, and exactly what was sent for it. */
export function OperationPage({ euiccSid, sid }: { euiccSid: string; sid: string }) {
  const { operation, euicc, packages, reload } = useOperation(euiccSid, sid);
  const { value, problem } = operation;
  const mayChange = useMay('orders');
  const [refused, setRefused] = useState<ApiProblem>();
  const [isAsking, setAsking] = useState(false);
  const [isGivingUp, setGivingUp] = useState(false);
  const title = value === undefined ? 'Operation' : kindOf(value.kind).title;
  useTitle(title);

  async function cancel(): Promise<void> {
    setRefused(undefined);
    try {
      await api.delete(operationPath(euiccSid, sid));
      announce('The operation is cancelled');
    } catch (error) {
      setRefused(toProblem(error));
    }
    reload();
  }

  const step = value && operationStep(value, packages.records ?? [], euicc);

  function offer(shown: EuiccOperation): ComponentChildren {
    if (!mayChange) return undefined;
    if (isCancellable(shown)) {
      return (
        <button type="button" class="button" onClick={() => void cancel()}>
          Cancel it
        </button>
      );
    }
    if (shown.status === 'sent') {
      return (
        <button type="button" class="button" onClick={() => setGivingUp(true)}>
          Stop waiting
        </button>
      );
    }
    const canAsk = euicc !== undefined && euicc.status !== 'left';
    if (shown.status !== 'failed' || !canAsk) return undefined;
    return (
      <button type="button" class="button button-primary" onClick={() => setAsking(true)}>
        Ask for it again
      </button>
    );
  }

  return (
    <>
      <a class="back" href={euiccPage(euiccSid)}>
        <Icon name="back" />
        {euicc?.friendly_name ?? 'eUICC'}
      </a>
      <div class="page-head">
        <h1 class="profile-title">
          {title} <Id text={sid} what="operation SID" whole />
        </h1>
        {value !== undefined && <StatusPill status={value.status} />}
      </div>
      {problem?.status === 404 && (
        <div class="empty">
          <h2>Operation not found</h2>
          <p>
            There is no operation with this SID on this eUICC. Those that have ended are kept for 90
            days.
          </p>
        </div>
      )}
      {problem !== undefined && problem.status !== 404 && (
        <Problem problem={problem} retry={reload} />
      )}
      {value !== undefined && step !== undefined && (
        <>
          <div class="card top">
            <NextCard {...step} offers={offer(value)}>
              {value.error_code !== null && value.status !== 'cancelled' && (
                <p class="next-code">
                  <span>{value.error_message ?? 'The cause is unknown.'}</span> (error code{' '}
                  {value.error_code})
                </p>
              )}
            </NextCard>
            <OperationSteps operation={value} />
          </div>
          {refused !== undefined && <Problem problem={refused} />}
          <div class="columns profile-columns">
            <div class="column">
              <Packages packages={packages} operation={value} />
              <History operation={value} />
            </div>
            <div class="column">
              <Details operation={value} />
              <Result operation={value} />
            </div>
          </div>
          {isGivingUp && (
            <GiveUpDialog operation={value} onDone={reload} onClose={() => setGivingUp(false)} />
          )}
          {isAsking && euicc !== undefined && (
            <OperationDialog
              euicc={euicc}
              begun={{ kind: value.kind, like: value }}
              onDone={() => announce(askedInWords(euicc))}
              onClose={() => setAsking(false)}
            />
          )}
        </>
      )}
    </>
  );
}

const NAMES: Record<string, string> = {
  iccid: 'ICCID',
  rollback: 'Goes back',
  activation_code: 'Code',
  enable: 'Enable then',
  address: 'SM-DP+',
  eim_id: 'eimId',
  key: 'Key',
  immediate_enable: 'Immediate',
  smdp_oid: 'OID',
  commands: 'Commands',
  contact_default_smdp: 'Default',
  contact_smds: 'SM-DS',
  smds_address: 'SM-DS at',
};

function Details({ operation }: { operation: EuiccOperation }) {
  const { parameters, esim_profile_sid: order, bulk_sid: bulk, euicc_sid: euicc, eid } = operation;
  const given = Object.entries(parameters).filter(([name]) => name in NAMES);
  return (
    <section class="card" aria-labelledby="operation-details">
      <h2 id="operation-details">Details</h2>
      <DetailsList
        rows={[
          ['Kind', <code key="kind">{operation.kind}</code>],
          ...given.map(([name, value]): [string, ComponentChildren] => [
            NAMES[name]!,
            parameterInWords(value),
          ]),
          ['eUICC', <Id key="eid" text={eid} what="EID" href={euiccPage(euicc)} whole />],
          ['Order', order && <ProfileLink key="order" sid={order} />],
          [
            'Part of',
            bulk && (
              <a key="bulk" href={bulkPage(bulk)}>
                a bulk operation
              </a>
            ),
          ],
          ['Callbacks', operation.callback_url ?? 'as the eUICC'],
          ['Asked for', <Time key="created" date={operation.date_created} />],
          ['First sent', operation.date_sent && <Time key="sent" date={operation.date_sent} />],
          ['Ended', operation.date_ended && <Time key="ended" date={operation.date_ended} />],
        ]}
      />
    </section>
  );
}

function parameterInWords(value: EuiccOperation['parameters'][string]): ComponentChildren {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return <code>{value}</code>;
  return (
    <ol class="plain-list numbered">
      {(value as readonly EuiccCommand[]).map(({ kind, ...parameters }, index) => (
        <li key={index}>{operationInWords({ kind, parameters })}</li>
      ))}
    </ol>
  );
}

/** What the eUICC has returned. */
function Result({ operation }: { operation: EuiccOperation }) {
  const { result } = operation;
  if (result === null) return null;
  const { profiles, eim_ids: eimIds, iccid, association_token: token, commands, rules } = result;
  return (
    <section class="card" aria-labelledby="result">
      <h2 id="result">What it returned</h2>
      {typeof iccid === 'string' && (
        <DetailsList rows={[['ICCID', <Id key="iccid" text={iccid} what="ICCID" whole />]]} />
      )}
      {token !== undefined && <DetailsList rows={[['Token', <code key="token">{token}</code>]]} />}
      {commands !== undefined && (
        <ol class="plain-list">
          {commands.map(({ kind, code }, index) => (
            <li key={index}>
              {kindOf(kind).title}: <code>{code}</code>
            </li>
          ))}
        </ol>
      )}
      {rules !== undefined && (
        <ul class="plain-list">
          {rules.length === 0 && <li>It has no rules.</li>}
          {rules.map(({ ppr_ids: ids, consent_required: asks }, index) => (
            <li key={index}>
              {ids.join(', ')}
              {asks && ', with the consent of the user'}
            </li>
          ))}
        </ul>
      )}
      {eimIds !== undefined && (
        <ul class="plain-list">
          {eimIds.map((id) => (
            <li key={id}>
              <code>{id}</code>
            </li>
          ))}
        </ul>
      )}
      {profiles !== undefined && (
        <ul class="plain-list">
          {profiles.length === 0 && <li>No profile</li>}
          {profiles.map(({ iccid: one, state, fallback }) => (
            <li key={one}>
              <code>{one}</code> {state}
              {fallback && ', fallback'}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The statuses that it has had, newest first. */
function History({ operation: { history } }: { operation: EuiccOperation }) {
  if (history.length === 0) return null;
  return (
    <section class="card" aria-labelledby="history">
      <h2 id="history">History</h2>
      <ol class="timeline">
        {history.toReversed().map(({ status, date, error_code: code }, index) => (
          <li key={index} class={`timeline-${status === 'completed' ? 'installed' : status}`}>
            <div class="timeline-head">
              <StatusPill status={status} />
              <Time date={date} />
            </div>
            {code !== undefined && status !== 'cancelled' && (
              <p class="muted detail">{errorInWords(code).what}</p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
