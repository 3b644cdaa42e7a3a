import type { ComponentChildren } from 'preact';
import { useAccount } from '../use-account.ts';
import { PageHead } from './page-head.tsx';
import { Problem } from './problem.tsx';

interface Props {
  page: string;
  /** Shown instead, with a rented SM-DP+. */
  rented: { title: string; text: string };
  children: ComponentChildren;
}

/** A page about what only a server with its own SM-DP+ has. */
export function OfSmdp({ page, rented: { title, text }, children }: Props) {
  const { value, problem, reload } = useAccount();
  if (value === undefined) {
    return problem === undefined ? null : <Problem problem={problem} retry={reload} />;
  }
  if (value.smdp_plus === 'built-in') return <>{children}</>;
  return (
    <>
      <PageHead title={page} />
      <div class="empty">
        <h2>{title}</h2>
        <p>{text}</p>
      </div>
    </>
  );
}
