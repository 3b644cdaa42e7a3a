// EF.ECC, TS 31.102 §4.2.21: one emergency number per record, with a name and the service category.
import { decodeAlpha, encodeAlpha } from './alpha-identifier.ts';
import { decodeSwappedDigits, encodeSwappedDigits, requireDigits } from './digits.ts';
import { SaipError } from './saip-error.ts';

export interface EmergencyCallCode {
  number: string; // up to 6 digits
  alpha: string;
  category: number; // b1 police, b2 ambulance, b3 fire, b4 marine guard, b5 mountain rescue
}

const FIXED = 4;

export function encodeEfEcc(ecc: EmergencyCallCode, recordSize: number): Uint8Array {
  if (recordSize < FIXED) throw shortRecord(recordSize);
  requireDigits('ef-ecc', ecc.number, 1, 6);
  return Uint8Array.of(
    ...encodeSwappedDigits(ecc.number, 3),
    ...encodeAlpha('ef-ecc', ecc.alpha, recordSize - FIXED),
    ecc.category,
  );
}

export function decodeEfEcc(record: Uint8Array): EmergencyCallCode {
  if (record.length < FIXED) throw shortRecord(record.length);
  return {
    number: decodeSwappedDigits('ef-ecc', record.subarray(0, 3)),
    alpha: decodeAlpha('ef-ecc', record.subarray(3, -1)),
    category: record.at(-1) ?? 0,
  };
}

function shortRecord(size: number): SaipError {
  return new SaipError('bad-size', 'ef-ecc', `a record of ${FIXED} bytes or more`, `${size}`);
}
