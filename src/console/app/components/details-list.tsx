import type { ComponentChildren } from 'preact';
import { NONE } from './data-table.tsx';

/** Names and values, one pair per line. */
export function DetailsList({ rows }: { rows: readonly [string, ComponentChildren][] }) {
  return (
    <dl class="details-list">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? NONE}</dd>
        </div>
      ))}
    </dl>
  );
}
