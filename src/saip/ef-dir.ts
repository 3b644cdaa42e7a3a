// EF.DIR, TS 102 221 §13.1: one application per record, with its AID and a label.
import { encodeTlv } from '../rsp/der.ts';
import { SaipError } from './saip-error.ts';
import { readTlvs } from './tlv.ts';

export interface ApplicationEntry {
  aid: Uint8Array;
  label: string;
}

const TEMPLATE = 0x61;
const AID = 0x4f;
const LABEL = 0x50;

export function encodeEfDir(entry: ApplicationEntry, recordSize: number): Uint8Array {
  const label = encodeTlv(LABEL, new TextEncoder().encode(entry.label));
  const object = encodeTlv(TEMPLATE, encodeTlv(AID, entry.aid), label);
  if (object.length > recordSize) {
    throw new SaipError('bad-size', 'ef-dir', `at most ${recordSize} bytes`, `${object.length}`);
  }
  const record = new Uint8Array(recordSize).fill(0xff);
  record.set(object);
  return record;
}

/** Undefined for an unused record. */
export function decodeEfDir(record: Uint8Array): ApplicationEntry | undefined {
  if (record.every((byte) => byte === 0xff)) return undefined;
  const [, length = 0] = record;
  const [template] = readTlvs(record.subarray(0, 2 + length), 'ef-dir');
  if (template?.tag !== TEMPLATE) {
    throw new SaipError(
      'unexpected-element',
      'ef-dir',
      'a template 61',
      record.subarray(0, 1).toHex(),
    );
  }
  const objects = readTlvs(template.contents, 'ef-dir');
  const aid = objects.find(({ tag }) => tag === AID)?.contents;
  if (!aid) throw new SaipError('missing-element', 'ef-dir', 'an AID 4F', 'none');
  const label = objects.find(({ tag }) => tag === LABEL)?.contents;
  return { aid: aid.slice(), label: new TextDecoder().decode(label) };
}
