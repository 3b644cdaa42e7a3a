// One page of a list, by keyset: what it costs does not depend on how deep it lies.
import { hash } from 'node:crypto';
import type { SelectQueryBuilder } from 'kysely';
import type { Backend, PreparedQuery } from './flavor.ts';
import type { Tables } from './schema.ts';

/** Where a page begins: at the newest record, or next to a record that was seen. */
export type Position =
  { kind: 'first' } | { kind: 'older'; than: string } | { kind: 'newer'; than: string };

export interface Page<Row> {
  /** Newest first. */
  rows: Row[];
  /** Whether there are more records further on in the direction that was walked. */
  more: boolean;
}

type Paged = 'esim_profiles' | 'sims' | 'esim_profile_events' | 'rsp_log';

/**
 * Columns whose value narrows a list; undefined: not narrowed by it. One column may have any of several
 * values, of which there is one at least.
 */
export type Filter = Record<string, string | readonly string[] | undefined>;

/** SIDs that a list lies between, themselves outside of it; undefined: without end on this side. */
export interface Bounds {
  above?: string | undefined;
  below?: string | undefined;
}

/** What makes one query differ from another; its values do not. */
interface Shape {
  /** Columns that have one value. */
  names: string[];
  /** The column that has any of so many values. */
  several: { name: string; values: readonly string[] } | undefined;
  bounds: Bounds;
  direction: 'asc' | 'desc';
}

/**
 * A list ordered by `sid`, newest first. Each combination of filters and direction is compiled once.
 * @param columns what is read; the first is `sid`
 */
export function pagesOf<Row>(
  backend: Backend,
  table: Paged,
  columns: readonly string[],
  row: (values: unknown[]) => Row,
): (filter: Filter, position: Position, size: number, bounds?: Bounds) => Promise<Page<Row>> {
  const prepared = new Map<string, PreparedQuery>();

  function compile({ names, several, bounds, direction }: Shape): PreparedQuery {
    const branches = several?.values.length ?? 1;
    const key = `${table} ${names.join(' ')} ${several?.name ?? ''} ${branches} ${
      bounds.above === undefined ? '' : '>'
    }${bounds.below === undefined ? '' : '<'} ${direction}`;
    const kept = prepared.get(key);
    if (kept) return kept;
    const equal = several === undefined ? names : [...names, several.name];
    function select() {
      // The table and its columns are ours, never a client's, so the builder may take them untyped.
      let query = backend.reader.selectFrom(table).select(columns as never) as SelectQueryBuilder<
        Tables,
        Paged,
        unknown
      >;
      for (const name of equal) query = query.where(name as never, '=', '' as never);
      if (bounds.above !== undefined) query = query.where('sid', '>', '');
      if (bounds.below !== undefined) query = query.where('sid', '<', '');
      return query;
    }
    // Both databases merge what each value has in its index, and stop at the limit. They do not with
    // `in (…)`, which is sorted, or found by reading the whole list.
    let query = select();
    for (let branch = 1; branch < branches; branch++) query = query.unionAll(select());
    query = query.orderBy('sid', direction).limit(1);
    const statement = backend.prepare(`page_${hash('sha1', key)}`, query.compile().sql);
    prepared.set(key, statement);
    return statement;
  }

  return async (filter, position, size, bounds = {}) => {
    const shape: Shape = {
      names: [],
      several: undefined,
      bounds: within(bounds, position),
      direction: position.kind === 'newer' ? 'asc' : 'desc',
    };
    const values: string[] = [];
    for (const name in filter) {
      const value = filter[name];
      if (value === undefined) continue;
      if (typeof value === 'string') {
        shape.names.push(name);
        values.push(value);
      } else {
        shape.several = { name, values: value };
      }
    }
    const { above, below } = shape.bounds;
    const parameters: unknown[] = [];
    for (const one of shape.several?.values ?? [undefined]) {
      parameters.push(...values);
      for (const value of [one, above, below]) if (value !== undefined) parameters.push(value);
    }
    parameters.push(size + 1);
    const found = await compile(shape)(parameters);
    const more = found.length > size;
    if (more) found.pop();
    if (position.kind === 'newer') found.reverse();
    return { rows: found.map(row), more };
  };
}

/** What of a list lies on the far side of a position. */
function within({ above, below }: Bounds, position: Position): Bounds {
  if (position.kind === 'first') return { above, below };
  const { kind, than } = position;
  if (kind === 'older') return { above, below: below !== undefined && below < than ? below : than };
  return { above: above !== undefined && above > than ? above : than, below };
}
