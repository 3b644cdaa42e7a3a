import type { ComponentChildren } from 'preact';
import type { Count } from '../types.ts';
import { inWords } from '../use-count.ts';

/** @param count of the list on the page */
export function PageHead({
  title,
  count,
  children,
}: {
  title: string;
  count?: Count | undefined;
  children?: ComponentChildren;
}) {
  return (
    <div class="page-head">
      <h1>
        {title}
        {count !== undefined && <span class="total">{inWords(count)}</span>}
      </h1>
      <div class="page-actions">{children}</div>
    </div>
  );
}
