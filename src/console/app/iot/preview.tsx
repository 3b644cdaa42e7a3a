import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import type { Parameters } from '../api.ts';
import { Command } from '../components/command.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';

/** What would be sent for an operation, in ASN.1, before it is asked for. Keyed by the form, so that it is about that alone. */
export function Preview({ path, form }: { path: string; form: Parameters }) {
  const [shown, setShown] = useState<string>();
  const [refused, setRefused] = useState<ApiProblem>();

  async function look(): Promise<void> {
    setRefused(undefined);
    try {
      const asked = { ...form, DryRun: 'true' };
      const { package: notation } = await api.post<{ package: string }>(path, asked);
      setShown(notation);
    } catch (error) {
      setRefused(toProblem(error));
    }
  }

  return (
    <div class="field preview">
      {shown === undefined ? (
        <button type="button" class="button" onClick={() => void look()}>
          See what would be sent
        </button>
      ) : (
        <Command text={shown} what="package" />
      )}
      {refused !== undefined && <Problem problem={refused} />}
    </div>
  );
}
