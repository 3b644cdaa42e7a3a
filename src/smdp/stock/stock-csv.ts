// Parses the rows of a stock file into subscriptions, with error messages.
import { opcFromOp } from '../../saip/milenage.ts';
import { parseIccid } from '../../rsp/iccid.ts';
import { checkIccid } from '../../values/iccid.ts';
import { causeOf, tidyCell } from './stock-cells.ts';
import { COLUMN_NAMES, isOtaKeyName } from './stock-fields.ts';
import type { ColumnName, FieldRule } from './stock-fields.ts';
import { OPERATOR_KEYS } from './stock-header.ts';
import type { Column, Problem } from './stock-header.ts';
import { shownValue } from './stock-secrecy.ts';
import { DEFAULT_PROFILE_TYPE } from './subscription.ts';
import type { Subscription, SubscriptionSecrets } from './subscription.ts';

export type RowValues = Partial<Record<ColumnName, string>>;

/**
 * @param iccidCheckDigit as in `checkIccid`
 * @returns the valid values of a row, and the errors of the others
 */
export function parseRow(
  fields: readonly string[],
  columns: readonly Column[],
  line: number,
  iccidCheckDigit: boolean,
): { values: RowValues; problems: Problem[] } {
  if (!isOfLength(fields, columns)) {
    const text = `expected ${columns.length} fields, as the first row has; got ${fields.length}`;
    return { values: {}, problems: [{ line, text }] };
  }
  const values: RowValues = {};
  const problems: Problem[] = [];
  let operatorKeys: ColumnName[] | undefined;
  for (let index = 0; index < columns.length; index++) {
    const { name, rule } = columns[index]!;
    if (name === undefined || rule === undefined) continue;
    const cell = fields[index] ?? '';
    const isPlain = rule.form.test(cell);
    const value = isPlain ? cell : tidied(name, cell, rule);
    if (value === '' && !rule.required) continue;
    if (isOperatorKey(name)) (operatorKeys ??= []).push(name);
    const text =
      isPlain || isRight(name, value, rule)
        ? checkNumber(name, value, rule, iccidCheckDigit)
        : wrong(value, cell, rule);
    if (text === undefined) values[name] = value;
    else problems.push({ line, column: name, text });
  }
  const problem = checkTogether(values, operatorKeys, columns);
  if (problem !== undefined) problems.push({ line, ...problem });
  return { values, problems };
}

/** Trailing fields that are empty or ignored may be added or missing. */
function isOfLength(fields: readonly string[], columns: readonly Column[]): boolean {
  if (fields.length === columns.length) return true;
  return (
    fields.slice(columns.length).every((field) => field === '') &&
    columns.slice(fields.length).every(({ name }) => name === undefined)
  );
}

/** Normalises the value of a cell, valid or not. */
function tidied(name: ColumnName, cell: string, rule: FieldRule): string {
  const value = tidyCell(cell, rule);
  if (name === 'iccid') return parseIccid(value) ?? value;
  // Vendors write zeros for missing keys.
  return isOtaKeyName(name) && /^0+$/.test(value) ? '' : value;
}

/** A cell for a preview: its value, and whether it is valid. */
export function readCell(
  name: ColumnName,
  cell: string,
  rule: FieldRule,
): { value: string; isRight: boolean } {
  const value = rule.form.test(cell) ? cell : tidied(name, cell, rule);
  return { value, isRight: isRight(name, value, rule) };
}

/** Whether a value has the column's format. */
function isRight(name: ColumnName, value: string, rule: FieldRule): boolean {
  return rule.form.test(value) || (name === 'iccid' && parseIccid(value) === value);
}

function checkNumber(
  name: ColumnName,
  value: string,
  rule: FieldRule,
  iccidCheckDigit: boolean,
): string | undefined {
  if (name !== 'iccid') return undefined;
  const problem = checkIccid(value, iccidCheckDigit);
  return problem && problem + causeOf(value, rule);
}

function wrong(value: string, cell: string, rule: FieldRule): string {
  if (value === '') return `expected ${rule.expected}; got nothing`;
  return `expected ${rule.expected}; got ${shownValue(cell, rule)}${causeOf(value, rule)}`;
}

/** Checks values that depend on each other. */
function checkTogether(
  values: RowValues,
  operatorKeys: readonly ColumnName[] | undefined,
  columns: readonly Column[],
): { column: ColumnName; text: string } | undefined {
  const { ki, ota_algorithm: otaAlgorithm } = values;
  if (operatorKeys === undefined) {
    const column = OPERATOR_KEYS.find((key) => columns.some(({ name }) => name === key)) ?? 'opc';
    return { column, text: 'expected opc, op or topc; got none of them' };
  }
  if (operatorKeys.length > 1) {
    const text = `expected one of opc, op and topc; got ${operatorKeys.join(' and ')}`;
    return { column: operatorKeys[1]!, text };
  }
  if (ki !== undefined && ki.length > 32 && operatorKeys[0] !== 'topc') {
    const text = `expected 32 hexadecimal digits without topc; got ${ki.length} characters`;
    return { column: 'ki', text };
  }
  if (otaAlgorithm?.toLowerCase() !== '3des') return undefined;
  const names = Object.keys(values) as ColumnName[];
  const column = names.find((name) => isOtaKeyName(name) && values[name]!.length > 48);
  if (column === undefined) return undefined;
  const got = `${values[column]!.length} characters`;
  return { column, text: `expected 32 or 48 hexadecimal digits for 3des; got ${got}` };
}

function isOperatorKey(name: ColumnName): boolean {
  return name === 'opc' || name === 'op' || name === 'topc';
}

/** @param values of a valid row */
export function toSubscription(values: RowValues): Subscription {
  const { iccid, imsi, acc, msisdn, mnc_length: mncLength, profile_type: profileType } = values;
  const otaAlgorithm = values.ota_algorithm?.toLowerCase() as Subscription['otaAlgorithm'];
  return {
    iccid: iccid!,
    imsi: imsi!,
    ...(msisdn === undefined ? {} : { msisdn: msisdn.replace('+', '') }),
    ...(acc === undefined ? {} : { acc: acc.toUpperCase() }),
    ...(mncLength === undefined ? {} : { mncLength: mncLength === '2' ? 2 : 3 }),
    ...(otaAlgorithm === undefined ? {} : { otaAlgorithm }),
    profileType: profileType ?? DEFAULT_PROFILE_TYPE,
    secrets: secretsOf(values),
  };
}

function secretsOf(values: RowValues): SubscriptionSecrets {
  const { ki, opc, op, topc, pin1, puk1, pin2, puk2, adm1 } = values;
  const secrets: SubscriptionSecrets = {
    ki: ki!.toUpperCase(),
    ...(topc === undefined
      ? { opc: opc?.toUpperCase() ?? opcOf(ki!, op!) }
      : { topc: topc.toUpperCase() }),
    ...(pin1 === undefined ? {} : { pin1 }),
    ...(puk1 === undefined ? {} : { puk1 }),
    ...(pin2 === undefined ? {} : { pin2 }),
    ...(puk2 === undefined ? {} : { puk2 }),
    ...(adm1 === undefined ? {} : { adm1: adm1.toUpperCase() }),
  };
  for (const name in values) {
    if (isOtaKeyName(name)) secrets[name] = values[name]!.toUpperCase();
  }
  return secrets;
}

/** The operator's OP itself is never stored. */
function opcOf(ki: string, op: string): string {
  const opc = opcFromOp(Buffer.from(ki, 'hex'), Buffer.from(op, 'hex'));
  return Buffer.from(opc).toString('hex').toUpperCase();
}

/** The columns in which two subscriptions of one ICCID differ. */
export function differences(left: Subscription, right: Subscription): ColumnName[] {
  const [one, other] = [toValues(left), toValues(right)];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return COLUMN_NAMES.filter((name) => names.has(name) && one[name] !== other[name]);
}

function toValues({
  secrets,
  profileType,
  mncLength,
  otaAlgorithm,
  ...rest
}: Subscription): RowValues {
  return {
    ...rest,
    ...secrets,
    ...(mncLength === undefined ? {} : { mnc_length: String(mncLength) }),
    ...(otaAlgorithm === undefined ? {} : { ota_algorithm: otaAlgorithm }),
    profile_type: profileType,
  };
}
