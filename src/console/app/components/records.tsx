import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Records } from '../use-records.ts';
import { TableSkeleton } from './data-table.tsx';
import { Problem } from './problem.tsx';

/** A card with a list of records, or the reason why there are none. */
export function RecordsCard<T>({
  title,
  list,
  empty,
  action,
  children,
}: {
  title: string;
  list: Records<T>;
  empty: ComponentChildren;
  /** Beside the title. */
  action?: ComponentChildren;
  children: (records: T[]) => ComponentChildren;
}) {
  const id = useId();
  const { records, problem, slow, reload, showMore } = list;
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>
          {title}
          {records !== undefined && records.length > 0 && (
            <span class="count">
              {records.length}
              {showMore !== undefined && '+'}
            </span>
          )}
        </h2>
        {action}
      </div>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {records === undefined && slow && <TableSkeleton />}
      {records?.length === 0 && <p class="muted">{empty}</p>}
      {records !== undefined && records.length > 0 && children(records)}
      {showMore !== undefined && (
        <button type="button" class="button" onClick={showMore}>
          Show more
        </button>
      )}
    </section>
  );
}
