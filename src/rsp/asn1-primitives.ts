// The primitive ASN.1 types of the RSP messages: string, number, bits, identifier.
import { primitive, Asn1Type } from './asn1-type.ts';
import { DerError } from './der-error.ts';
import {
  encodeBitsContents,
  encodeIntegerContents,
  encodeOidContents,
  encodeUtf8,
  readBits,
  readBoolean,
  readInteger,
  readNull,
  readOid,
  readUtf8String,
} from './der-values.ts';
import { hexTag, type Tlv } from './der.ts';
import { hexNotation, textNotation } from './notation.ts';

/** OCTET STRING of `min` to `max` bytes; by default, of any size. */
export function octetString(tag: number, min = 0, max = min || Infinity): Asn1Type<Uint8Array> {
  return primitive(tag, sizedContents(min, max), (bytes) => bytes, hexNotation);
}

/** An OCTET STRING whose bytes are hidden in the notation. */
export function secretOctetString(tag: number, size: number): Asn1Type<Uint8Array> {
  return primitive(
    tag,
    sizedContents(size, size),
    (bytes) => bytes,
    (bytes) => `''H -- ${bytes.length} octets, secret --`,
  );
}

export function sizedContents(min: number, max: number): (tlv: Tlv) => Uint8Array {
  return (tlv) => {
    const { length } = tlv.contents;
    if (length >= min && length <= max) return tlv.contents;
    throw new DerError(
      `${hexTag(tlv.tag)} has ${length} bytes, not ${min === max ? min : `${min} to ${max}`}`,
      tlv.offset,
    );
  };
}

/** UTF8String of `min` to `max` characters. */
export function utf8String(tag: number, max = Infinity, min = 0): Asn1Type<string> {
  const read = (tlv: Tlv): string => {
    const text = readUtf8String(tlv);
    if (text.length < min) {
      throw new DerError(`${hexTag(tlv.tag)} has fewer than ${min} characters`, tlv.offset);
    }
    // A text never has more characters than code units.
    if (text.length <= max) return text;
    const { length } = Array.from(text);
    if (length <= max) return text;
    throw new DerError(`${hexTag(tlv.tag)} has ${length} characters, not up to ${max}`, tlv.offset);
  };
  return primitive(tag, read, encodeUtf8, textNotation);
}

/** INTEGER; `names` are its named numbers, for the notation. Other numbers are legal. */
export function integer(
  tag: number,
  names: Readonly<Record<string, number>> = {},
): Asn1Type<number> {
  return primitive(tag, readInteger, encodeIntegerContents, (value) => {
    const name = Object.keys(names).find((key) => names[key] === value);
    return name === undefined ? String(value) : `${name} -- ${value} --`;
  });
}

export function boolean(tag: number): Asn1Type<boolean> {
  return primitive(
    tag,
    readBoolean,
    (value) => Uint8Array.of(value ? 0xff : 0),
    (value) => (value ? 'TRUE' : 'FALSE'),
  );
}

export function nullType(tag: number): Asn1Type<null> {
  return primitive(
    tag,
    readNull,
    () => new Uint8Array(),
    () => 'NULL',
  );
}

/** OBJECT IDENTIFIER in dotted form. */
export function objectIdentifier(tag: number): Asn1Type<string> {
  return primitive(tag, readOid, encodeOidContents, (oid) => `{ ${oid.replaceAll('.', ' ')} }`);
}

/** A bit by its name, or by its number if it has none in this version of the standard. */
export type Bit<Name extends string> = Name | `bit${number}`;

/** BIT STRING of named bits; the value lists the names of those set. */
export function bitString<const Name extends string>(
  tag: number,
  names: readonly Name[],
): Asn1Type<readonly Bit<Name>[]> {
  const numberOf = (bit: Bit<Name>): number => {
    const index = names.findIndex((name) => name === bit);
    return index < 0 ? Number(bit.slice('bit'.length)) : index;
  };
  return primitive<readonly Bit<Name>[]>(
    tag,
    (tlv) => readBits(tlv).map((bit) => names[bit] ?? (`bit${bit}` as const)),
    (bits) => encodeBitsContents(bits.map(numberOf)),
    (bits) => (bits.length === 0 ? '{ }' : `{ ${bits.join(', ')} }`),
  );
}

/** A TLV kept as a whole, such as a certificate. */
export function wholeTlv(tag: number, notation = hexNotation): Asn1Type<Uint8Array> {
  return new WholeTlv(tag, notation);
}

class WholeTlv extends Asn1Type<Uint8Array> {
  readonly tags: readonly number[];
  readonly notation: (der: Uint8Array, indent: string) => string;

  constructor(tag: number, notation: (der: Uint8Array, indent: string) => string) {
    super();
    this.tags = [tag];
    this.notation = notation;
  }

  read(tlv: Tlv): Uint8Array {
    return tlv.der;
  }

  encode(der: Uint8Array): Uint8Array {
    return der;
  }
}
