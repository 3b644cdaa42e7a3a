import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { DetailsList } from '../components/details-list.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Problem } from '../components/problem.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { useMay } from '../session.ts';
import type { Operator, ProgressReport } from '../types.ts';
import { Attempts, Outcome } from './attempts.tsx';
import { effectInWords, stepInWords } from './report-in-words.ts';

/** What operators were told, each report with its attempts. */
export function ReportRows({
  reports,
  operators,
  reload,
}: {
  reports: readonly ProgressReport[];
  operators: readonly Operator[];
  reload: () => void;
}) {
  const nameOf = ({ operator_sid: sid }: ProgressReport) =>
    operators.find((operator) => operator.sid === sid)?.friendly_name || sid;
  return (
    <div class="rows">
      {reports.map((report) => (
        <Disclosure key={report.sid} summary={<Summary report={report} name={nameOf(report)} />}>
          {() => <Body report={report} name={nameOf(report)} reload={reload} />}
        </Disclosure>
      ))}
    </div>
  );
}

function Summary({ report, name }: { report: ProgressReport; name: string }) {
  return (
    <>
      <code>{stepInWords(report)}</code>
      <StatusPill status={report.state} />
      <span class="row-text muted">
        <code>{report.iccid}</code>
        {name}: <Outcome sent={report} />
      </span>
      <span class="row-end muted">
        <Time date={report.date_created} />
      </span>
    </>
  );
}

function Body({
  report,
  name,
  reload,
}: {
  report: ProgressReport;
  name: string;
  reload: () => void;
}) {
  const mayChange = useMay('full');
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  async function retry(): Promise<void> {
    setBusy(true);
    try {
      await api.post(`/v1/ProgressReports/${report.sid}/Retry`);
      setProblem(undefined);
      announce('The report is being sent again');
      reload();
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }
  return (
    <>
      <Attempts sent={report} />
      <h3>Report</h3>
      <DetailsList rows={rowsOf(report, name)} />
      {problem !== undefined && <Problem problem={problem} />}
      {mayChange && (
        <button type="button" class="button" disabled={busy} onClick={() => void retry()}>
          Send again
        </button>
      )}
    </>
  );
}

function rowsOf(report: ProgressReport, name: string): [string, preact.ComponentChildren][] {
  const { status_code: code, message, eid, result_data: result } = report;
  const why = [code, message].filter((part) => part !== null).join(': ');
  return [
    ['Operator', name],
    ['Step', `${stepInWords(report)}: ${effectInWords(report)}`],
    [
      'Notification point',
      `${report.notification_point_id} ${report.notification_point ?? ''}, ${report.status}`,
    ],
    ...(why === '' ? [] : ([['Why', why]] as [string, string][])),
    ['When', <Time key="when" date={report.timestamp} />],
    ['ICCID', <code key="iccid">{report.iccid}</code>],
    ['EID', eid === null ? undefined : <code key="eid">{eid}</code>],
    ['Profile type', report.profile_type],
    ['Call', <code key="call">{report.function_call_identifier}</code>],
    ...(result === null
      ? []
      : ([['Result data', <code key="result">{result}</code>]] as [
          string,
          preact.ComponentChildren,
        ][])),
  ];
}
