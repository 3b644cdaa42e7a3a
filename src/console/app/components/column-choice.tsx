import { useState } from 'preact/hooks';
import { recall, remember } from '../remembered.ts';
import type { Column } from './data-table.tsx';
import { Menu } from './menu.tsx';

/**
 * The columns of a table that are shown in this browser.
 * @param columns all; the first one links to the record, so it is always shown
 * @param name under which the choice is remembered
 * @param byDefault as long as nothing was chosen
 * @returns the columns to show, and a function that toggles one
 */
export function useColumns<Row>(
  columns: readonly Column<Row>[],
  name: string,
  byDefault: readonly string[],
): [Column<Row>[], (id: string) => void] {
  const [given, setChosen] = useState(() => recall(name)?.split(','));
  const chosen = given ?? byDefault;
  function toggle(column: string): void {
    const next = chosen.includes(column)
      ? chosen.filter((other) => other !== column)
      : [...chosen, column];
    remember(name, next.join(','));
    setChosen(next);
  }
  const shown = columns.filter(({ id }, index) => index === 0 || chosen.includes(id));
  return [shown, toggle];
}

export function ColumnChoice<Row>({
  columns,
  shown,
  toggle,
}: {
  columns: readonly Column<Row>[];
  shown: readonly Column<Row>[];
  toggle: (id: string) => void;
}) {
  return (
    <Menu title="Columns" icon="columns">
      {() =>
        columns.slice(1).map(({ id, title }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={shown.some((column) => column.id === id)}
              onChange={() => toggle(id)}
            />
            {title}
          </label>
        ))
      }
    </Menu>
  );
}
