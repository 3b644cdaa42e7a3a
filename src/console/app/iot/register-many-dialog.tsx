import { useId, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { withQuery } from '../api.ts';
import { DialogButtons } from '../components/dialog-buttons.tsx';
import { Dialog, useOpenDialog } from '../components/dialog.tsx';
import { FileProblems } from '../components/file-problems.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { upload } from '../upload.ts';
import { GroupField } from './group-field.tsx';
import { importCsv } from './import-csv.ts';
import { EUICCS } from './paths.ts';
import type { EuiccImport } from './types.ts';

/** Registers the eUICCs of a list that is pasted: an EID on each line, and perhaps a name. */
export function RegisterManyDialog({
  onDone,
  onClose,
}: {
  onDone: () => void;
  onClose: () => void;
}) {
  const dialog = useOpenDialog();
  const id = useId();
  const [text, setText] = useState('');
  const [group, setGroup] = useState('');
  const [problem, setProblem] = useState<ApiProblem>();
  const [report, setReport] = useState<EuiccImport>();
  const [busy, setBusy] = useState(false);
  const { csv, count } = importCsv(text);

  async function register(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    setReport(undefined);
    try {
      const path = withQuery(`${EUICCS}/Imports`, { Group: group.trim() || undefined });
      const done = await upload<EuiccImport>(path, csv, 'text/csv', () => {}).done;
      setReport(done);
      announce(inWords(done));
      onDone();
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }

  return (
    <Dialog title="Register many eUICCs" dialog={dialog} onClose={onClose}>
      <form onSubmit={(event) => void register(event)} noValidate>
        <p>Sending the same list again does no harm: what is registered already stays as it is.</p>
        <div class="field">
          <label for={id}>EIDs</label>
          <textarea
            id={id}
            rows={8}
            class="mono"
            value={text}
            spellcheck={false}
            aria-describedby={`${id}-help`}
            placeholder={'89049032000000000000000000000163, Pump 7'}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          <p class="muted" id={`${id}-help`}>
            One on each line, with a name after a comma, semicolon or tab if you like. At most
            10,000.
          </p>
        </div>
        <GroupField value={group} onInput={setGroup} problem={undefined} />
        {report !== undefined && <p class="note">{inWords(report)}</p>}
        {report !== undefined && report.problem_count > 0 && (
          <FileProblems
            number="EID"
            problems={report.problems.map(({ item, message }) => ({ line: item, message }))}
            count={report.problem_count}
          />
        )}
        {problem !== undefined && problem.problems.length === 0 && <Problem problem={problem} />}
        {problem !== undefined && problem.problems.length > 0 && (
          <FileProblems
            number="EID"
            problems={problem.problems.map((one) => ({ ...one, line: itemOf(one) }))}
            count={problem.problemCount}
            note=": nothing is registered"
          />
        )}
        <DialogButtons
          dialog={dialog}
          close="Close"
          submit={count < 2 ? 'Register' : `Register ${count.toLocaleString()}`}
          disabled={busy || count === 0}
        />
      </form>
    </Dialog>
  );
}

/** Errors of items have their number in place of a line. */
const itemOf = (one: object) => ('item' in one && typeof one.item === 'number' ? one.item : 0);

/** "998 registered, 1 was there already, 1 refused" */
function inWords({ registered, unchanged, refused }: EuiccImport): string {
  const parts = [`${registered.toLocaleString()} registered`];
  if (unchanged > 0) parts.push(`${unchanged.toLocaleString()} there already`);
  if (refused > 0) parts.push(`${refused.toLocaleString()} refused`);
  return parts.join(', ');
}
