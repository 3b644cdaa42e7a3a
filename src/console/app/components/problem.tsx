import type { ApiProblem } from '../http.ts';

/** An error message with a button to try again. */
export function Problem({ problem, retry }: { problem: ApiProblem; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{problem.reason}</strong>
      </p>
      {problem.detail !== undefined && <p>{problem.detail}</p>}
      {problem.status === 0 && <p>Is it running? Is this machine online?</p>}
      {problem.code !== undefined && (
        <p class="muted">
          Status {problem.status}, code {problem.code}
        </p>
      )}
      {retry !== undefined && (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
