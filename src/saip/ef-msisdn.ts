// EF.MSISDN (TS 31.102 §4.2.26) and EF.SMSP (TS 31.102 §4.2.27): a telephone number with its type, and the parameters for SMS.
import { decodeAlpha, encodeAlpha } from './alpha-identifier.ts';
import { compose } from './composed.ts';
import { decodeSwappedDigits, encodeSwappedDigits } from './digits.ts';
import { SaipError } from './saip-error.ts';

const MSISDN_FIXED = 14; // record size without the alpha identifier
const SMSP_FIXED = 28;

const INTERNATIONAL = 0x91; // TS 24.008 §10.5.4.7: international number, ISDN plan
const UNKNOWN = 0x81;
const MAX_DIGITS = 20;

export interface Msisdn {
  alpha: string;
  number: string; // with + if international; empty for an unused record
}

export function encodeEfMsisdn({ alpha, number }: Msisdn, recordSize: number): Uint8Array {
  return composeEfMsisdn({ alpha }, encodeNumber('ef-msisdn', number), recordSize);
}

/** @param number as by `encodeNumber` */
export function composeEfMsisdn(
  { alpha }: Pick<Msisdn, 'alpha'>,
  number: Uint8Array,
  recordSize: number,
): Uint8Array {
  const alphaSize = alphaSizeOf('ef-msisdn', recordSize, MSISDN_FIXED);
  return compose(
    encodeAlpha('ef-msisdn', alpha, alphaSize),
    number,
    Uint8Array.of(0xff, 0xff), // capability/configuration record, extension record: none
  );
}

export function decodeEfMsisdn(record: Uint8Array): Msisdn {
  const alphaSize = alphaSizeOf('ef-msisdn', record.length, MSISDN_FIXED);
  return {
    alpha: decodeAlpha('ef-msisdn', record.subarray(0, alphaSize)),
    number: decodeNumber('ef-msisdn', record.subarray(alphaSize, alphaSize + 12)),
  };
}

/** TP-DA is kept as raw bytes: its length counts digits rather than bytes, and we never set it. */
export interface SmsParameters {
  alpha: string;
  destination?: Uint8Array; // TP-DA, 12 bytes
  serviceCentre?: string; // TS-Service Centre Address
  protocolIdentifier?: number;
  dataCodingScheme?: number;
  validityPeriod?: number;
}

export function encodeEfSmsp(smsp: SmsParameters, recordSize: number): Uint8Array {
  const { serviceCentre } = smsp;
  const number = serviceCentre === undefined ? undefined : encodeNumber('ef-smsp', serviceCentre);
  return composeEfSmsp(smsp, number, recordSize);
}

/** @param serviceCentre as by `encodeNumber` */
export function composeEfSmsp(
  smsp: Omit<SmsParameters, 'serviceCentre'>,
  serviceCentre: Uint8Array | undefined,
  recordSize: number,
): Uint8Array {
  const alphaSize = alphaSizeOf('ef-smsp', recordSize, SMSP_FIXED);
  const members = [
    smsp.destination,
    serviceCentre,
    smsp.protocolIdentifier,
    smsp.dataCodingScheme,
    smsp.validityPeriod,
  ];
  // TS 31.102 §4.2.27: a 0 bit means that the parameter is present.
  const indicators = members.reduce<number>(
    (bits, member, i) => (member === undefined ? bits : bits & ~(1 << i)),
    0xff,
  );
  return compose(
    encodeAlpha('ef-smsp', smsp.alpha, alphaSize),
    Uint8Array.of(indicators),
    smsp.destination ?? NO_NUMBER,
    serviceCentre ?? NO_NUMBER,
    Uint8Array.of(
      smsp.protocolIdentifier ?? 0xff,
      smsp.dataCodingScheme ?? 0xff,
      smsp.validityPeriod ?? 0xff,
    ),
  );
}

export function decodeEfSmsp(record: Uint8Array): SmsParameters {
  const alphaSize = alphaSizeOf('ef-smsp', record.length, SMSP_FIXED);
  const fixed = record.subarray(alphaSize);
  const indicators = fixed[0] ?? 0xff;
  const has = (bit: number): boolean => (indicators & (1 << bit)) === 0;
  const smsp: SmsParameters = { alpha: decodeAlpha('ef-smsp', record.subarray(0, alphaSize)) };
  if (has(0)) smsp.destination = fixed.slice(1, 13);
  if (has(1)) smsp.serviceCentre = decodeNumber('ef-smsp', fixed.subarray(13, 25));
  if (has(2)) smsp.protocolIdentifier = fixed[25] ?? 0xff;
  if (has(3)) smsp.dataCodingScheme = fixed[26] ?? 0xff;
  if (has(4)) smsp.validityPeriod = fixed[27] ?? 0xff;
  return smsp;
}

function alphaSizeOf(where: string, recordSize: number, fixed: number): number {
  if (recordSize < fixed) {
    throw new SaipError('bad-size', where, `a record of ${fixed} bytes or more`, `${recordSize}`);
  }
  return recordSize - fixed;
}

const NO_NUMBER = new Uint8Array(12).fill(0xff);

/** 12 bytes: length of the rest, type of number, ten bytes of digits. */
export function encodeNumber(where: string, number: string): Uint8Array {
  const bytes = new Uint8Array(12).fill(0xff);
  if (number === '') return bytes;
  const match = /^(\+?)([0-9*#]+)$/.exec(number);
  const digits = match?.[2] ?? '';
  if (!match) throw new SaipError('bad-value', where, 'a number such as +4479…', 'another form');
  if (digits.length > MAX_DIGITS) {
    throw new SaipError('bad-size', where, `at most ${MAX_DIGITS} digits`, `${digits.length}`);
  }
  bytes[0] = 1 + Math.ceil(digits.length / 2);
  bytes[1] = match[1] === '+' ? INTERNATIONAL : UNKNOWN;
  bytes.set(encodeSwappedDigits(digits, 10), 2);
  return bytes;
}

function decodeNumber(where: string, bytes: Uint8Array): string {
  const length = bytes[0] ?? 0xff;
  if (length === 0xff) return '';
  if (length < 2 || length > 11) {
    throw new SaipError('bad-value', where, 'a length of 2 to 11', `${length}`);
  }
  const digits = decodeSwappedDigits(where, bytes.subarray(2, 1 + length));
  return (((bytes[1] ?? 0) & 0x70) === 0x10 ? '+' : '') + digits;
}
