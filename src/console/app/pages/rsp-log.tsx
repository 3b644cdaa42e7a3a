import { Command } from '../components/command.tsx';
import { DetailsList } from '../components/details-list.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { RecordsCard } from '../components/records.tsx';
import { Time } from '../components/time.tsx';
import type { RspLogEntry } from '../types.ts';
import type { Records } from '../use-records.ts';

/** The ES9+ calls about the profile, and the ES12 calls that announced it, newest first. */
export function RspLog({ log, onReport }: { log: Records<RspLogEntry>; onReport: () => void }) {
  return (
    <RecordsCard
      title="RSP log"
      list={log}
      empty="No device has contacted the server yet."
      action={
        <button type="button" class="button-quiet" onClick={onReport}>
          Report for the device maker
        </button>
      }
    >
      {(entries) => (
        <div class="rows">
          {entries.map((entry) => (
            <Disclosure key={entry.sid} summary={<Summary entry={entry} />}>
              {() => <Entry entry={entry} />}
            </Disclosure>
          ))}
        </div>
      )}
    </RecordsCard>
  );
}

function hasFailed({ status }: RspLogEntry): boolean {
  return status !== 'Executed-Success';
}

function Summary({ entry }: { entry: RspLogEntry }) {
  const failed = hasFailed(entry);
  return (
    <>
      <code>{entry.function}</code>
      <span class={`pill ${failed ? 'pill-failed' : 'pill-delivered'}`}>
        {failed ? 'refused' : 'ok'}
      </span>
      {failed && <span class="row-text">{inWords(entry)}</span>}
      <span class="row-end muted">
        <span class="row-ms">{entry.duration_ms} ms · </span>
        <Time date={entry.date_created} />
      </span>
    </>
  );
}

function inWords({ message, subject, reason }: RspLogEntry): string {
  return message ?? [subject, reason].filter(Boolean).join(': ');
}

function Entry({ entry }: { entry: RspLogEntry }) {
  const { subject_code: subject, reason_code: reason, request, response } = entry;
  return (
    <>
      <DetailsList
        rows={(
          [
            ['Outcome', hasFailed(entry) ? inWords(entry) : entry.status],
            ['Subject', subject && `${subject} ${entry.subject ?? ''}`],
            ['Reason', reason && `${reason} ${entry.reason ?? ''}`],
            ['Transaction', entry.transaction_id && <code key="id">{entry.transaction_id}</code>],
            ['EID', entry.eid && <code key="eid">{entry.eid}</code>],
            ['Device', [entry.tac && `TAC ${entry.tac}`, entry.imei].filter(Boolean).join(' ')],
            ['LPA', entry.lpa],
            ['Binding', entry.binding === 'asn1' ? 'ASN.1' : 'JSON'],
            ['Address', entry.address],
          ] as [string, string | null][]
        ).filter(([, value]) => value)}
      />
      <h3>Request</h3>
      <Command text={request} what="request" />
      {response !== null && (
        <>
          <h3>Response</h3>
          <Command text={response} what="response" />
        </>
      )}
    </>
  );
}
