// The rows of a stock file: which columns there are, what each holds, and what is wrong with a value.
// What an error says must never give a secret away, not even one that stands in the wrong column.
import { opcFromOp } from '../saip/milenage.ts';
import { checkIccid } from './iccid.ts';
import { PROFILE_TYPE_LIMIT } from './order.ts';
import { DEFAULT_PROFILE_TYPE } from './subscription.ts';
import type { Subscription } from './subscription.ts';

interface ColumnRule {
  form: RegExp;
  expected: string;
  secret?: true;
  required?: true;
}

const key = { form: /^[0-9a-fA-F]{32}$/, expected: '32 hexadecimal digits', secret: true } as const;
const pin = { form: /^\d{4,8}$/, expected: '4 to 8 digits', secret: true } as const;
const puk = { form: /^\d{8}$/, expected: '8 digits', secret: true } as const;

const COLUMNS = {
  iccid: { form: /^89\d{16,18}$/, expected: '18 to 20 digits beginning with 89', required: true },
  imsi: { form: /^\d{6,15}$/, expected: '6 to 15 digits', required: true },
  // TS 35.231: K of TUAK may have 32 bytes.
  ki: {
    form: /^([0-9a-fA-F]{32}){1,2}$/,
    expected: '32 hexadecimal digits, or 64 with topc',
    secret: true,
    required: true,
  },
  opc: key,
  op: key,
  topc: { form: /^[0-9a-fA-F]{64}$/, expected: '64 hexadecimal digits', secret: true },
  acc: { form: /^[0-9a-fA-F]{4}$/, expected: '4 hexadecimal digits' },
  pin1: pin,
  puk1: puk,
  pin2: pin,
  puk2: puk,
  // TS 102 221 §9.5.1: the 8 bytes of the key, or digits that are padded to them.
  adm1: {
    form: /^(\d{4,8}|[0-9a-fA-F]{16})$/,
    expected: '4 to 8 digits or 16 hexadecimal digits',
    secret: true,
  },
  mnc_length: { form: /^[23]$/, expected: '2 or 3' },
  msisdn: { form: /^\+?[1-9]\d{1,14}$/, expected: '2 to 15 digits, with or without +' },
  profile_type: {
    form: new RegExp(`^\\P{Cc}{1,${PROFILE_TYPE_LIMIT}}$`, 'u'),
    expected: `1 to ${PROFILE_TYPE_LIMIT} characters`,
  },
} as const satisfies Record<string, ColumnRule>;

export type ColumnName = keyof typeof COLUMNS;

export const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

/** Where in the file something is wrong, and what. */
export interface Problem {
  line: number;
  column?: ColumnName;
  /** expected …; got … */
  text: string;
}

/** @returns the columns in the order of the file, and what is wrong with its first row */
export function parseHeader(
  fields: string[],
  line: number,
): { columns: ColumnName[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const columns: ColumnName[] = [];
  for (const [index, field] of fields.entries()) {
    const name = field.toLowerCase().replaceAll(/[\s-]+/g, '_');
    const found = COLUMN_NAMES.find((known) => known === name);
    const where = `in field ${index + 1} of the first row`;
    if (found === undefined) {
      const expected = `expected one of the columns ${COLUMN_NAMES.join(', ')} ${where}`;
      problems.push({ line, text: `${expected}; got ${shownName(field)}` });
    } else if (columns.includes(found)) {
      problems.push({
        line,
        column: found,
        text: `expected one such column; got another ${where}`,
      });
    } else {
      columns.push(found);
    }
  }
  for (const name of COLUMN_NAMES) {
    const rule: ColumnRule = COLUMNS[name];
    if (rule.required && !columns.includes(name)) {
      problems.push({ line, column: name, text: 'expected this column; got none of this name' });
    }
  }
  if (!OPERATOR_KEYS.some((name) => columns.includes(name))) {
    const text = 'expected this column, op or topc; got none of them';
    problems.push({ line, column: 'opc', text });
  }
  return { columns, problems };
}

/** Of which each subscription has one. */
const OPERATOR_KEYS = ['opc', 'op', 'topc'] as const satisfies ColumnName[];

export type RowValues = Partial<Record<ColumnName, string>>;

/** @returns the values of a row that are of the right form, and all that is wrong with the others */
export function parseRow(
  fields: string[],
  columns: ColumnName[],
  line: number,
): { values: RowValues; problems: Problem[] } {
  if (fields.length !== columns.length) {
    const text = `expected ${columns.length} fields, as the first row has; got ${fields.length}`;
    return { values: {}, problems: [{ line, text }] };
  }
  const values: RowValues = {};
  const problems: Problem[] = [];
  const given = new Set<ColumnName>();
  for (const [index, column] of columns.entries()) {
    const value = fields[index]!;
    const text = checkValue(column, value);
    if (text !== undefined) problems.push({ line, column, text });
    if (value === '') continue;
    given.add(column);
    if (text === undefined) values[column] = value;
  }
  const operatorKeys = OPERATOR_KEYS.filter((name) => given.has(name));
  if (operatorKeys.length > 1) {
    const text = `expected one of opc, op and topc; got ${operatorKeys.join(' and ')}`;
    problems.push({ line, column: operatorKeys[1]!, text });
  } else if (operatorKeys.length === 0) {
    const column = OPERATOR_KEYS.find((name) => columns.includes(name)) ?? 'opc';
    problems.push({ line, column, text: 'expected opc, op or topc; got none of them' });
  } else if (values.ki !== undefined && values.ki.length > 32 && !given.has('topc')) {
    const text = `expected 32 hexadecimal digits without topc; got ${values.ki.length} characters`;
    problems.push({ line, column: 'ki', text });
  }
  return { values, problems };
}

function checkValue(column: ColumnName, value: string): string | undefined {
  const rule: ColumnRule = COLUMNS[column];
  if (value === '') return rule.required ? `expected ${rule.expected}; got nothing` : undefined;
  if (!rule.form.test(value)) return `expected ${rule.expected}; got ${shown(value, rule)}`;
  return column === 'iccid' ? checkIccid(value) : undefined;
}

/** @param values of a row with which nothing is wrong */
export function toSubscription(values: RowValues): Subscription {
  const { iccid, imsi, ki, opc, op, topc, acc, msisdn, profile_type: profileType } = values;
  return {
    iccid: iccid!,
    imsi: imsi!,
    ...(msisdn === undefined ? {} : { msisdn: msisdn.replace('+', '') }),
    ...(acc === undefined ? {} : { acc: acc.toUpperCase() }),
    ...(values.mnc_length === undefined
      ? {}
      : { mncLength: values.mnc_length === '2' ? (2 as const) : (3 as const) }),
    profileType: profileType ?? DEFAULT_PROFILE_TYPE,
    secrets: {
      ki: ki!.toUpperCase(),
      ...(topc === undefined
        ? { opc: opc?.toUpperCase() ?? opcOf(ki!, op!) }
        : { topc: topc.toUpperCase() }),
      ...(values.pin1 === undefined ? {} : { pin1: values.pin1 }),
      ...(values.puk1 === undefined ? {} : { puk1: values.puk1 }),
      ...(values.pin2 === undefined ? {} : { pin2: values.pin2 }),
      ...(values.puk2 === undefined ? {} : { puk2: values.puk2 }),
      ...(values.adm1 === undefined ? {} : { adm1: values.adm1.toUpperCase() }),
    },
  };
}

/** The columns in which two subscriptions of one ICCID differ. */
export function differences(left: Subscription, right: Subscription): ColumnName[] {
  const [one, other] = [toValues(left), toValues(right)];
  return COLUMN_NAMES.filter((name) => one[name] !== other[name]);
}

function toValues({ secrets, profileType, mncLength, ...rest }: Subscription): RowValues {
  return {
    ...rest,
    ...secrets,
    ...(mncLength === undefined ? {} : { mnc_length: String(mncLength) }),
    profile_type: profileType,
  };
}

/** A PIN, PUK or ADM, a key, or a part of one; and nothing that is in an ICCID or an IMSI. */
const LIKE_A_SECRET = /^\d{4,8}$|^(?=.*[a-f])[0-9a-f]{8,}$/i;
/** Shorter than a key of digits alone. */
const SHOWN_LENGTH = 24;

function shown(value: string, rule: ColumnRule): string {
  if (rule.secret || LIKE_A_SECRET.test(value) || value.length > SHOWN_LENGTH) {
    return `${value.length} characters`;
  }
  return JSON.stringify(value).replace(/^"(.*)"$/, "'$1'");
}

/** A file without a first row of names has secrets there. */
function shownName(field: string): string {
  return /^[A-Za-z][A-Za-z_ -]{0,30}\d?$/.test(field) && !LIKE_A_SECRET.test(field)
    ? `'${field}'`
    : `${field.length} characters`;
}

/** The operator's OP itself is never stored. */
function opcOf(ki: string, op: string): string {
  const opc = opcFromOp(Buffer.from(ki, 'hex'), Buffer.from(op, 'hex'));
  return Buffer.from(opc).toString('hex').toUpperCase();
}
