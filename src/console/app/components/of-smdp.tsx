import type { ComponentChildren } from 'preact';
import { useAccount } from '../use-account.ts';
import { Problem } from './problem.tsx';

interface Props {
  /** Shown instead, with a rented SM-DP+: a title, and what its operator has. */
  rented: { title: string; text: string };
  children: ComponentChildren;
}

/** What only a server with its own SM-DP+ has. */
export function OfSmdp({ rented: { title, text }, children }: Props) {
  const { value, problem, reload } = useAccount();
  if (value === undefined) {
    return problem === undefined ? null : <Problem problem={problem} retry={reload} />;
  }
  if (value.smdp_plus === 'built-in') return <>{children}</>;
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{text}</p>
    </div>
  );
}
