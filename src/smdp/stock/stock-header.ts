// Parses the header row of a stock file, and determines the field of each column.
import { parseIccid } from '../../rsp/iccid.ts';
import { tidyCell } from './stock-cells.ts';
import { COLUMN_NAMES, columnNamed, plainName, ruleOf } from './stock-fields.ts';
import type { ColumnName, FieldRule } from './stock-fields.ts';
import type { ColumnMapping } from './stock-mapping.ts';
import { shownName } from './stock-secrecy.ts';

/** An error and its place in the file. */
export interface Problem {
  line: number;
  column?: ColumnName;
  /** expected …; got … */
  text: string;
}

export interface Column {
  /** From 1. */
  number: number;
  /** As in the file, unless it may be a secret; empty if it has none. */
  title: string;
  /** Absent if the column is ignored. */
  name?: ColumnName;
  /** The rule of the named field. */
  rule?: FieldRule;
}

export interface Header {
  columns: Column[];
  /** Whether the row already contains values, because the file has no names. */
  isData: boolean;
  problems: Problem[];
}

const COLUMN_LIMIT = 500;
/** Maximum number of names in an error message. */
const NAMES_SHOWN = 40;
/** Each subscription has exactly one of these. */
export const OPERATOR_KEYS = ['opc', 'op', 'topc'] as const satisfies ColumnName[];

/** Determines the columns, and errors in their names. */
export function parseHeader(
  fields: readonly string[],
  line: number,
  mappings: readonly ColumnMapping[] = [],
): Header {
  if (fields.length > COLUMN_LIMIT) {
    const text = `expected at most ${COLUMN_LIMIT} columns; got ${fields.length}`;
    return { columns: [], isData: false, problems: [{ line, text }] };
  }
  const problems: Problem[] = [];
  const said = new Map<number, ColumnMapping>();
  for (const mapping of mappings) {
    const index = indexOf(mapping.column, fields);
    if (index === undefined) {
      const text = `expected a column ${quoted(mapping.column)}, as the mapping says; got ${namesOf(fields)}`;
      problems.push({ line, text });
    } else {
      said.set(index, mapping);
    }
  }
  const fieldsSaid = new Set(mappings.map(({ field }) => field));
  const names = fields.map((field, index) => {
    const mapping = said.get(index);
    if (mapping !== undefined) return mapping.field;
    const name = columnNamed(field);
    return fieldsSaid.has(name) ? undefined : name;
  });
  const isData = isRowOfValues(fields, names);
  const columns = fields.map((field, index): Column => {
    const name = names[index];
    const title = isData ? '' : shownName(field.trim().replace(/^#\s*/, ''));
    return {
      number: index + 1,
      title,
      ...(name === undefined ? {} : { name, rule: ruleOf(name) }),
    };
  });
  problems.push(...doubles(columns, line), ...missing(columns, fields, line));
  return { columns, isData, problems };
}

/** Number of columns recognised in a row, by name or by mapping. */
export function countNamed(
  fields: readonly string[],
  mappings: readonly ColumnMapping[] = [],
): number {
  const found = new Set<string>();
  for (const field of fields) {
    const name = columnNamed(field);
    if (name !== undefined) found.add(name);
  }
  for (const { column } of mappings) {
    if (fields.some((field) => isCalled(field, column))) found.add(`=${column}`);
  }
  return found.size;
}

function indexOf(column: string, fields: readonly string[]): number | undefined {
  const named = fields.findIndex((field) => isCalled(field, column));
  if (named >= 0) return named;
  const number = /^[1-9]\d{0,3}$/.test(column) ? Number(column) : Infinity;
  return number <= fields.length ? number - 1 : undefined;
}

function isCalled(field: string, column: string): boolean {
  if (field.trim() === column) return true;
  return plainName(column) !== '' && plainName(field) === plainName(column);
}

/** A file without names, with all columns mapped. */
function isRowOfValues(fields: readonly string[], names: readonly (ColumnName | undefined)[]) {
  return (['iccid', 'imsi', 'ki'] as const).every((name) => {
    const cell = fields[names.indexOf(name)];
    if (cell === undefined) return false;
    if (name === 'iccid') return isIccid(cell);
    return ruleOf(name).form.test(tidyCell(cell, ruleOf(name)));
  });
}

function doubles(columns: readonly Column[], line: number): Problem[] {
  return columns.flatMap(({ number, name, title }) => {
    const first = columns.find((other) => other.name === name);
    if (name === undefined || first === undefined || first.number === number) return [];
    const text =
      `expected one column for ${name}; got ${quoted(first.title)} (${first.number}) and ` +
      `${quoted(title)} (${number}): map one of them, or map one to ignore`;
    return [{ line, column: name, text }];
  });
}

/** A single error for all missing required columns. */
function missing(columns: readonly Column[], fields: readonly string[], line: number): Problem[] {
  const has = (name: ColumnName) => columns.some((column) => column.name === name);
  const needed: string[] = COLUMN_NAMES.filter((name) => ruleOf(name).required && !has(name));
  if (!OPERATOR_KEYS.some(has)) needed.push('opc, op or topc');
  if (needed.length === 0) return [];
  if (columns.every(({ name }) => name === undefined) && fields.some(isIccid)) {
    return [
      {
        line,
        text:
          'expected a header row with column names; got values: add a header row, or map ' +
          'each column by its number, as in 1=iccid',
      },
    ];
  }
  const expected =
    needed.length === 1
      ? `expected a column for ${needed[0]}, by its name or by a mapping`
      : `expected columns for ${needed.slice(0, -1).join(', ')} and for ${needed.at(-1)}, by their names or by a mapping`;
  return [{ line, text: `${expected}; got ${namesOf(fields)}` }];
}

const isIccid = (cell: string) => parseIccid(tidyCell(cell, ruleOf('iccid'))) !== undefined;

function namesOf(fields: readonly string[]): string {
  const shown = fields.slice(0, NAMES_SHOWN).map((field) => quoted(shownName(field.trim())));
  if (fields.length > NAMES_SHOWN) shown.push(`${fields.length - NAMES_SHOWN} more`);
  return shown.join(', ');
}

const quoted = (name: string) => (name === '' ? 'one without a name' : `'${name}'`);
