import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Icon } from '../components/icon.tsx';
import { Problem } from '../components/problem.tsx';
import { RecordsCard } from '../components/records.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { Records } from '../use-records.ts';
import { errorInWords } from './error-in-words.ts';
import { isCancellable } from './is-cancellable.ts';
import { operationInWords } from './kinds.ts';
import { operationPage, operationPath } from './paths.ts';
import type { EuiccOperation } from './types.ts';

/** What an eUICC was asked to do, newest first. */
export function EuiccOperations({
  list,
  reload,
  onAsk,
}: {
  list: Records<EuiccOperation>;
  reload: () => void;
  /** Undefined: the user may not. */
  onAsk?: () => void;
}) {
  const [refused, setRefused] = useState<ApiProblem>();

  async function cancel({ euicc_sid: euicc, sid }: EuiccOperation): Promise<void> {
    setRefused(undefined);
    try {
      await api.delete(operationPath(euicc, sid));
      announce('The operation is cancelled');
    } catch (error) {
      setRefused(toProblem(error));
    }
    reload();
  }

  return (
    <RecordsCard
      title="Operations"
      list={list}
      empty="It was asked for nothing yet."
      action={
        onAsk && (
          <button type="button" class="button" onClick={onAsk}>
            <Icon name="plus" />
            Ask for an operation
          </button>
        )
      }
    >
      {(operations) => (
        <>
          {refused !== undefined && <Problem problem={refused} />}
          <ol class="timeline">
            {operations.map((operation) => {
              const { sid, euicc_sid: euicc, status, date_ended: ended } = operation;
              return (
                <li key={sid} class={`timeline-${status === 'completed' ? 'installed' : status}`}>
                  <div class="timeline-head">
                    <StatusPill status={status} />
                    <Time date={ended ?? operation.date_sent ?? operation.date_created} />
                  </div>
                  <p>
                    <a class="timeline-link" href={operationPage(euicc, sid)}>
                      {operationInWords(operation)}
                    </a>
                  </p>
                  {status === 'failed' && (
                    <p class="muted detail">{errorInWords(operation.error_code).what}</p>
                  )}
                  {isCancellable(operation) && onAsk !== undefined && (
                    <button
                      type="button"
                      class="button-quiet timeline-button"
                      aria-label={`Cancel: ${operationInWords(operation)}`}
                      onClick={() => void cancel(operation)}
                    >
                      Cancel
                    </button>
                  )}
                </li>
              );
            })}
          </ol>
        </>
      )}
    </RecordsCard>
  );
}
