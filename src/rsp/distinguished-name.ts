// Reads, compares and writes distinguished names (RFC 5280 §4.1.2.4) as used in GSMA certificates.
import { encodeOidContents, encodeUtf8, readOid } from './der-values.ts';
import { DerError } from './der-error.ts';
import { DerReader, encodeTlv, type Tlv } from './der.ts';

export interface NameAttribute {
  /** OID in dotted form. */
  readonly type: string;
  readonly value: string;
}

export interface Name {
  readonly der: Uint8Array;
  readonly attributes: readonly NameAttribute[];
}

/** The attributes of §4.5.2 by their usual abbreviations. */
export const attributeTypes = {
  CN: '2.5.4.3',
  serialNumber: '2.5.4.5',
  C: '2.5.4.6',
  O: '2.5.4.10',
  OU: '2.5.4.11',
} as const;

const decoders: Readonly<Record<number, TextDecoder>> = {
  0x0c: new TextDecoder('utf-8', { fatal: true }),
  0x13: new TextDecoder('latin1'),
  0x14: new TextDecoder('latin1'),
  0x16: new TextDecoder('latin1'),
};

/** Name ::= SEQUENCE OF SET OF { type, value }, given as its SEQUENCE TLV. */
export function readName(tlv: Tlv): Name {
  const attributes: NameAttribute[] = [];
  for (const names = DerReader.inside(tlv); !names.isAtEnd;) {
    const set = DerReader.inside(names.expect(0x31, 'RelativeDistinguishedName'));
    do {
      const attribute = DerReader.inside(set.expect(0x30, 'AttributeTypeAndValue'));
      const type = readOid(attribute.expect(0x06, 'type'));
      const value = attribute.next();
      attribute.finish();
      attributes.push({ type, value: readText(value) });
    } while (!set.isAtEnd);
  }
  return { der: tlv.der, attributes };
}

function readText(tlv: Tlv): string {
  const decoder = decoders[tlv.tag];
  if (decoder === undefined) throw new DerError('a name in an unknown character set', tlv.offset);
  try {
    return decoder.decode(tlv.contents);
  } catch {
    throw new DerError('a name that is not UTF-8', tlv.offset);
  }
}

/** The first value of an attribute. */
export function findAttribute(
  { attributes }: Pick<Name, 'attributes'>,
  type: string,
): string | undefined {
  return attributes.find((attribute) => attribute.type === type)?.value;
}

/** Whether two attribute values are the same, ignoring case, string type and spaces (RFC 5280 §7.1). */
export function isSameText(one: string, other: string): boolean {
  return one === other || normalise(one) === normalise(other);
}

/** Whether two names are the same (RFC 5280 §7.1). */
export function isSameName(one: Name, other: Name): boolean {
  if (Buffer.compare(one.der, other.der) === 0) return true;
  return (
    one.attributes.length === other.attributes.length &&
    one.attributes.every(({ type, value }, index) => {
      const counterpart = other.attributes[index];
      return counterpart?.type === type && isSameText(counterpart.value, value);
    })
  );
}

/** A name as text, `CN=…, O=…`, in the order of the certificate. */
export function formatName({ attributes }: Pick<Name, 'attributes'>): string {
  return attributes
    .map(({ type, value }) => {
      const letters = Object.entries(attributeTypes).find(([, oid]) => oid === type)?.[0];
      return `${letters ?? type}=${value}`;
    })
    .join(', ');
}

/** A Name with one attribute in each RDN, in this order. */
export function encodeName(attributes: readonly NameAttribute[]): Uint8Array {
  return encodeTlv(0x30, ...attributes.map(encodeAttribute));
}

function encodeAttribute({ type, value }: NameAttribute): Uint8Array {
  // RFC 5280 annex A.1: these two are PrintableString.
  const isPrintable = type === attributeTypes.C || type === attributeTypes.serialNumber;
  return encodeTlv(
    0x31,
    encodeTlv(
      0x30,
      encodeTlv(0x06, encodeOidContents(type)),
      encodeTlv(isPrintable ? 0x13 : 0x0c, encodeUtf8(value)),
    ),
  );
}

function normalise(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
