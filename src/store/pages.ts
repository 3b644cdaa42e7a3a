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

type Paged =
  'api_keys' | 'callbacks' | 'esim_profiles' | 'sims' | 'esim_profile_events' | 'rsp_log';

/** Columns whose value narrows a list; undefined: not narrowed by it. */
export type Filter = Record<string, string | undefined>;

/**
 * A list ordered by `sid`, newest first. Each combination of filters and direction is compiled once.
 * @param columns what is read; the first is `sid`
 */
export function pagesOf<Row>(
  backend: Backend,
  table: Paged,
  columns: readonly string[],
  row: (values: unknown[]) => Row,
): (filter: Filter, position: Position, size: number) => Promise<Page<Row>> {
  const prepared = new Map<string, PreparedQuery>();

  function compile(names: string[], kind: Position['kind']): PreparedQuery {
    const key = [table, ...names, kind].join(' ');
    const kept = prepared.get(key);
    if (kept) return kept;
    // The table and its columns are ours, never a client's, so the builder may take them untyped.
    let query = backend.reader.selectFrom(table).select(columns as never) as SelectQueryBuilder<
      Tables,
      Paged,
      unknown
    >;
    for (const name of names) query = query.where(name as never, '=', '' as never);
    if (kind !== 'first') query = query.where('sid', kind === 'older' ? '<' : '>', '');
    query = query.orderBy('sid', kind === 'newer' ? 'asc' : 'desc').limit(1);
    const statement = backend.prepare(`page_${hash('sha1', key)}`, query.compile().sql);
    prepared.set(key, statement);
    return statement;
  }

  return async (filter, position, size) => {
    const names: string[] = [];
    const parameters: unknown[] = [];
    for (const name in filter) {
      if (filter[name] === undefined) continue;
      names.push(name);
      parameters.push(filter[name]);
    }
    if (position.kind !== 'first') parameters.push(position.than);
    parameters.push(size + 1);
    const found = await compile(names, position.kind)(parameters);
    const more = found.length > size;
    if (more) found.pop();
    if (position.kind === 'newer') found.reverse();
    return { rows: found.map(row), more };
  };
}
