// `simwright verify`, as an operator runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { THIS_VERSION } from './version.ts';

export interface Verification {
  examined: number;
  violations: string[];
}

/** @param file what clients were told */
export async function runVerify(env: Record<string, string>, file: string): Promise<Verification> {
  const child = spawn(
    process.execPath,
    [THIS_VERSION.main, 'verify', '--json', '--acknowledged', file],
    {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  if (code !== 0 && code !== 1) throw new Error(`simwright verify: exit code ${code}\n${errors}`);
  const { invariants } = JSON.parse(output);
  const verification: Verification = { examined: 0, violations: [] };
  for (const { name, rows, violations, found } of invariants) {
    verification.examined += rows;
    for (const one of found) {
      verification.violations.push(`${name}: ${one.subject}: ${one.problem}`);
    }
    if (violations > found.length) {
      verification.violations.push(`${name}: ${violations - found.length} more`);
    }
  }
  return verification;
}
