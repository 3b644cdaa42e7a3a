// Keyset pagination: the cost of a page does not depend on its depth in the list.
import { sql } from 'kysely';
import type { SelectQueryBuilder } from 'kysely';
import { constant, endingOf } from './flavor.ts';
import type { Backend, PreparedQuery } from './flavor.ts';
import type { Tables } from './schema.ts';

/** Where a page begins: at the newest record, or next to a known one. */
export type Position =
  { kind: 'first' } | { kind: 'older'; than: string } | { kind: 'newer'; than: string };

export interface Page<Row> {
  /** Newest first. */
  rows: Row[];
  /** Whether there are more records in this direction. */
  more: boolean;
  /** If the page ended before it was full: the SID as far as which the list was read. The next page begins there. */
  end?: string;
}

export type Paged =
  | 'api_keys'
  | 'audit_entries'
  | 'batches'
  | 'bulk_operations'
  | 'callbacks'
  | 'eim_operations'
  | 'euicc_events'
  | 'euicc_groups'
  | 'euicc_ranges'
  | 'euiccs'
  | 'esim_profiles'
  | 'sims'
  | 'esim_profile_events'
  | 'esim_profile_metadata'
  | 'install_links'
  | 'operators'
  | 'progress_reports'
  | 'rsp_log';

/**
 * Columns and the values to filter by; undefined: no filter. One column may have several alternative values, at least
 * one.
 */
export type Filter = Record<string, string | readonly string[] | undefined>;

/** Exclusive bounds of a list's SIDs; undefined: unbounded. */
export interface Bounds {
  above?: string | undefined;
  below?: string | undefined;
}

/** Sizes with a query of their own: PostgreSQL plans a query whose limit is a parameter anew at every call. */
const FREQUENT_SIZES: ReadonlySet<number> = new Set([1, 10, 20, 25, 50, 100, 1000]);

/** The parts that determine a query's SQL, without its values. */
interface Shape {
  /** Columns filtered by one value. */
  names: string[];
  /** Whether the end of the EID is a condition, too. */
  byEidEnd: boolean;
  /** The column with alternative values. */
  several: { name: string; values: readonly string[] } | undefined;
  bounds: Bounds;
  direction: 'asc' | 'desc';
  /** Undefined: a parameter. */
  limit: number | undefined;
}

/**
 * A list ordered by `sid`, newest first. Each combination of filters and direction is compiled once.
 * @param columns columns to read, the first of which is `sid`
 * @param options.areLines whether each of their values is a text of one line, so that they may be read together
 */
export function pagesOf<Row>(
  backend: Backend,
  table: Paged,
  columns: readonly string[],
  row: (values: unknown[]) => Row,
  { areLines = false } = {},
): (filter: Filter, position: Position, size: number, bounds?: Bounds) => Promise<Page<Row>> {
  const prepared = new Map<string, PreparedQuery>();
  const { joinedLines } = backend.flavor;
  const areJoined = areLines && joinedLines !== undefined;

  function compile(shape: Shape): PreparedQuery {
    const { names, byEidEnd, several, bounds, direction, limit = '' } = shape;
    const above = bounds.above === undefined ? '' : 'above';
    const below = bounds.below === undefined ? '' : 'below';
    const any = several === undefined ? '' : `${several.values.length} ${several.name}`;
    const key = `${table} ${names.join(' ')} ${byEidEnd} ${any} ${above} ${below} ${direction} ${limit}`;
    const kept = prepared.get(key);
    if (kept) return kept;
    const page = pageQuery(backend, table, columns, shape);
    const query = areJoined
      ? backend.reader
          .selectFrom(page.as('page'))
          .select(columns.map((column) => joinedLines(column).as(column)))
      : page;
    const statement = backend.prepare(query.compile().sql);
    prepared.set(key, statement);
    return statement;
  }

  return async (filter, position, size, bounds = {}) => {
    const limit = size + 1;
    const shape: Shape = {
      names: [],
      byEidEnd: false,
      several: undefined,
      bounds: within(bounds, position),
      direction: position.kind === 'newer' ? 'asc' : 'desc',
      limit: FREQUENT_SIZES.has(size) ? limit : undefined,
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
    const { eid, status } = filter;
    // Those of an EID with a status have an index of their own.
    if (backend.flavor.eidsByEnd && typeof eid === 'string' && status === undefined) {
      shape.byEidEnd = true;
      values.push(endingOf(eid));
    }
    const { above, below } = shape.bounds;
    const alternatives = shape.several?.values ?? [undefined];
    const limits = shape.limit === undefined ? [limit] : [];
    const parameters: unknown[] = [];
    for (const alternative of alternatives) {
      parameters.push(...values);
      if (alternative !== undefined) parameters.push(alternative);
      if (above !== undefined) parameters.push(above);
      if (below !== undefined) parameters.push(below);
      if (hasOrderedParts(backend, shape)) parameters.push(...limits);
    }
    parameters.push(...limits);
    const read = await compile(shape)(parameters);
    const found = areJoined ? linesOf(read[0] as (string | null)[]) : read;
    const more = found.length > size;
    if (more) found.pop();
    if (position.kind === 'newer') found.reverse();
    return { rows: found.map(row), more };
  };
}

// Untyped is safe: table and columns come from our code, never from a client.
type Query = SelectQueryBuilder<Tables, Paged, unknown>;

/**
 * Parameters: for each alternative, the values of `names`, the end of the EID if the shape has it, its own, the bounds, and the limit if the parts have one;
 * then the limit. No limits if the shape has one.
 */
function pageQuery(
  backend: Backend,
  table: Paged,
  columns: readonly string[],
  shape: Shape,
): Query {
  const { names, byEidEnd, several, bounds, direction, limit } = shape;
  const ordered = (query: Query) =>
    query.orderBy('sid', direction).limit(limit === undefined ? 1 : constant(limit));
  function part(): Query {
    let query = backend.reader.selectFrom(table).select(columns as never) as Query;
    for (const name of names) query = query.where(name as never, '=', '' as never);
    if (byEidEnd) query = query.where(sql.raw(`(${backend.flavor.ending('eid')})`), '=', '');
    if (several !== undefined) query = query.where(several.name as never, '=', '' as never);
    if (bounds.above !== undefined) query = query.where('sid', '>', '');
    if (bounds.below !== undefined) query = query.where('sid', '<', '');
    if (!hasOrderedParts(backend, shape)) return query;
    return backend.reader.selectFrom(ordered(query).as('part')).selectAll() as never;
  }
  // The alternatives are read in index order and merged, up to the limit; `in (…)` would sort all matches or scan the
  // whole list.
  let query = part();
  const parts = several?.values.length ?? 1;
  for (let count = 1; count < parts; count++) query = query.unionAll(part());
  return ordered(query);
}

/** The rows of columns whose values are joined. Without rows, there is nothing to join. */
function linesOf(columns: readonly (string | null)[]): string[][] {
  const [first = [], ...others] = columns.map((joined) => joined?.split('\n') ?? []);
  return first.map((line, index) => [line, ...others.map((lines) => lines[index]!)]);
}

function hasOrderedParts({ flavor }: Backend, { several }: Shape): boolean {
  return flavor.mergesOrderedParts && several !== undefined && several.values.length > 1;
}

/** Adds the records of another source to a page, as far as they belong on it. */
export function mergePage<Row extends { sid: string }>(
  page: Page<Row>,
  others: readonly Row[],
  position: Position,
  size: number,
): Page<Row> {
  const { above = '', below } = within({}, position);
  const beyond = others.filter(({ sid }) => sid > above && (below === undefined || sid < below));
  const rows = [...page.rows, ...beyond].toSorted((one, other) => (one.sid > other.sid ? -1 : 1));
  const more = page.more || rows.length > size;
  return { rows: position.kind === 'newer' ? rows.slice(-size) : rows.slice(0, size), more };
}

/** Restricts bounds to the part of a list beyond a position. */
export function within({ above, below }: Bounds, position: Position): Bounds {
  if (position.kind === 'first') return { above, below };
  const { kind, than } = position;
  if (kind === 'older') return { above, below: below !== undefined && below < than ? below : than };
  return { above: above !== undefined && above > than ? above : than, below };
}
