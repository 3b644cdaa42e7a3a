// ASN.1 types as values: one description of a message gives its TypeScript type, its decoder, its
// encoder and its readable form (value notation). SGP.22 annex H: DER, automatic tags, extensible.
import { DerError } from './der-error.ts';
import { encodeTlv, hexTag, readDer, type Tlv } from './der.ts';

export abstract class Asn1Type<T> {
  /** The tags with which its encoding may begin. */
  abstract readonly tags: readonly number[];
  /** Reads a TLV that has one of `tags`. Throws `DerError`. */
  abstract read(tlv: Tlv): T;
  abstract encode(value: T): Uint8Array;
  /** The value in ASN.1 value notation, without secret contents. */
  abstract notation(value: T, indent: string): string;

  /** Decodes the bytes, all of which must belong to the encoding. Throws `DerError`. */
  decode(der: Uint8Array): T {
    return readAs(this, readDer(der));
  }
}

/** Reads a TLV as this type. Throws `DerError`, also for another tag. */
export function readAs<T>(type: Asn1Type<T>, tlv: Tlv): T {
  if (type.tags.includes(tlv.tag)) return type.read(tlv);
  throw new DerError(`expected ${tagsOf(type)}, found ${hexTag(tlv.tag)}`, tlv.offset);
}

/** The tags of a type, for error messages. */
export function tagsOf({ tags }: Pick<Asn1Type<unknown>, 'tags'>): string {
  return tags.map(hexTag).join(' or ');
}

/** The TypeScript type of an ASN.1 type's values. */
export type ValueOf<A> = A extends Asn1Type<infer T> ? T : never;

class Primitive<T> extends Asn1Type<T> {
  readonly tags: readonly [number];
  readonly read: (tlv: Tlv) => T;
  readonly #contents: (value: T) => Uint8Array;
  readonly notation: (value: T) => string;

  constructor(
    tag: number,
    read: (tlv: Tlv) => T,
    contents: (value: T) => Uint8Array,
    notation: (value: T) => string,
  ) {
    super();
    this.tags = [tag];
    this.read = read;
    this.#contents = contents;
    this.notation = notation;
  }

  encode(value: T): Uint8Array {
    return encodeTlv(this.tags[0], this.#contents(value));
  }
}

/** A primitive type made from its four functions. */
export function primitive<T>(
  tag: number,
  read: (tlv: Tlv) => T,
  contents: (value: T) => Uint8Array,
  notation: (value: T) => string,
): Asn1Type<T> {
  return new Primitive(tag, read, contents, notation);
}
