import type { VNode } from 'preact';
import { Command } from '../components/command.tsx';
import { DetailsList } from '../components/details-list.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Icon } from '../components/icon.tsx';
import { RecordsCard } from '../components/records.tsx';
import { Time } from '../components/time.tsx';
import type { Records } from '../use-records.ts';
import { fileHref } from './file.ts';
import type { EuiccOperation, EuiccPackage } from './types.ts';

/** Exactly what was sent for an operation, and what came back, newest first. */
export function Packages({
  packages,
  operation,
}: {
  packages: Records<EuiccPackage>;
  operation: EuiccOperation;
}) {
  const { status } = operation;
  return (
    <RecordsCard
      title="Packages"
      list={packages}
      empty={status === 'queued' ? 'Nothing was sent yet.' : 'Nothing was sent for this operation.'}
    >
      {(records) => (
        <div class="rows">
          {records.map((one) => (
            <Disclosure key={one.number} summary={<Summary of={one} />}>
              {() => <Package of={one} operation={operation} />}
            </Disclosure>
          ))}
        </div>
      )}
    </RecordsCard>
  );
}

const STATES = {
  open: { title: 'no result yet', pill: 'pill-pending' },
  resolved: { title: 'answered', pill: 'pill-delivered' },
  dead: { title: 'without a result', pill: 'pill-failed' },
} as const;

function Summary({ of: { number, state, sent, date_sent: date, request } }: { of: EuiccPackage }) {
  const { title, pill } = STATES[state];
  return (
    <>
      <code>{typeOf(request) ?? `package ${number}`}</code>
      <span class={`pill ${pill}`}>{title}</span>
      <span class="row-end muted">
        {sent > 1 && `${sent} times, last `}
        <Time date={date} />
      </span>
    </>
  );
}

/** Of `EuiccPackageRequest ::= {…}`. */
const typeOf = (notation: string) => /^\w+(?= ::=)/.exec(notation)?.[0];

function Package({ of: one, operation }: { of: EuiccPackage; operation: EuiccOperation }) {
  const { number, counter, transaction_id: transaction, rsp_transaction_id: rsp } = one;
  const { request, request_der: sent, response, response_der: came } = one;
  const name = `${operation.eid}-${number}`;
  return (
    <>
      <DetailsList
        rows={[
          ['Number', number],
          ...(counter === null ? [] : [['Counter', counter] as [string, number]]),
          ['Transaction', <code key="transaction">{transaction}</code>],
          ...(rsp === null
            ? []
            : [['At the SM-DP+', <code key="rsp">{rsp}</code>] as [string, VNode]]),
          ['First sent', <Time key="created" date={one.date_created} />],
          ['Ended', one.date_ended && <Time key="ended" date={one.date_ended} />],
        ]}
      />
      <Bytes title="Sent" notation={request} der={sent} file={`${name}-sent.der`} />
      {response !== null && came !== null ? (
        <Bytes title="Came back" notation={response} der={came} file={`${name}-result.der`} />
      ) : (
        <p class="muted">No result has come.</p>
      )}
    </>
  );
}

function Bytes({
  title,
  notation,
  der,
  file,
}: {
  title: string;
  notation: string;
  der: string;
  file: string;
}) {
  return (
    <>
      <div class="card-head package-head">
        <h3>{title}</h3>
        <a class="button-quiet" href={fileHref(der)} download={file}>
          <Icon name="download" />
          DER
        </a>
      </div>
      <Command text={notation} what={title.toLowerCase()} />
    </>
  );
}
