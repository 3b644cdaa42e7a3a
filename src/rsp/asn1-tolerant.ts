// Types that write the standard's form and also read others that peers send, because their ASN.1 compilers or authors read
// the tagging rules differently (SGP.32; docs/sgp32.md lists the forms).
import { SequenceOf } from './asn1-structures.ts';
import { Asn1Type, readAs } from './asn1-type.ts';
import { DerError } from './der-error.ts';
import { DerReader, encodeTlv, hexTag, readDer, type Tlv } from './der.ts';
import type { Encoded } from './encoded.ts';
import { hexNotation } from './notation.ts';

/** A type that is also read with other tags; its contents must not depend on the tag. */
export function alsoTagged<T>(type: Asn1Type<T>, ...others: readonly number[]): Asn1Type<T> {
  return new Tolerant(type, others, () => undefined);
}

/**
 * A type that is also read in another form.
 * @param standardForm the encoding in the standard's form; undefined if the TLV has it already
 * @param others tags of other forms
 */
export function tolerant<T>(
  type: Asn1Type<T>,
  standardForm: (tlv: Tlv) => Uint8Array | undefined,
  ...others: readonly number[]
): Asn1Type<T> {
  return new Tolerant(type, others, standardForm);
}

class Tolerant<T> extends Asn1Type<T> {
  readonly tags: readonly number[];
  readonly #type: Asn1Type<T>;
  readonly #standardForm: (tlv: Tlv) => Uint8Array | undefined;

  constructor(
    type: Asn1Type<T>,
    others: readonly number[],
    standardForm: (tlv: Tlv) => Uint8Array | undefined,
  ) {
    super();
    this.#type = type;
    this.tags = [...type.tags, ...others];
    this.#standardForm = standardForm;
  }

  read(tlv: Tlv): T {
    const der = this.#standardForm(tlv);
    return der === undefined ? this.#type.read(tlv) : readAs(this.#type, readDer(der));
  }

  encode(value: T): Uint8Array {
    return this.#type.encode(value);
  }

  notation(value: T, indent: string): string {
    return this.#type.notation(value, indent);
  }
}

/** The TLVs in a constructed one. Throws `DerError`. */
export function childrenOf(tlv: Tlv): Tlv[] {
  const children: Tlv[] = [];
  for (const reader = DerReader.inside(tlv); !reader.isAtEnd;) children.push(reader.next());
  return children;
}

/** The inner TLV, if it alone fills one of the same tag: some compilers keep the tag of a type that is tagged again. */
export function withoutRepeatedTag(tlv: Tlv): Uint8Array | undefined {
  const reader = DerReader.inside(tlv);
  if (reader.peekTag() !== tlv.tag) return undefined;
  const inner = reader.next();
  return reader.isAtEnd ? inner.der : undefined;
}

/**
 * X.680 §25.7, §31.2.7: an automatic tag replaces the tag of a tagged CHOICE, so it is A1 { A0 … }. Some compilers keep both
 * tags, A1 { BF41 { A0 … } }, which is accepted. `der` is the value with its own tag.
 */
export function retagged<T>(tag: number, type: Asn1Type<T>): Asn1Type<Encoded<T>> {
  return new Retagged(tag, type);
}

class Retagged<T> extends Asn1Type<Encoded<T>> {
  readonly tags: readonly [number];
  readonly #type: Asn1Type<T>;

  constructor(tag: number, type: Asn1Type<T>) {
    super();
    this.tags = [tag];
    this.#type = type;
  }

  read(tlv: Tlv): Encoded<T> {
    const own = this.#type.tags[0]!;
    const reader = DerReader.inside(tlv);
    const isNested = reader.peekTag() === own;
    if (isNested) reader.next();
    if (isNested) reader.finish();
    const der = isNested ? tlv.contents : encodeTlv(own, tlv.contents);
    return { value: this.#type.decode(der), der };
  }

  encode({ der }: Encoded<T>): Uint8Array {
    return encodeTlv(this.tags[0], readDer(der).contents);
  }

  notation({ value }: Encoded<T>, indent: string): string {
    return this.#type.notation(value, indent);
  }
}

/**
 * A SEQUENCE whose tag is replaced by another (X.690 §8.14.3), kept as a whole with its own tag 30: certificates and keys.
 * Peers also send it whole within the tag.
 */
export function replacedSequence(
  tag: number,
  notation: (der: Uint8Array, indent: string) => string = hexNotation,
): Asn1Type<Uint8Array> {
  return new ReplacedSequence(tag, notation);
}

const SEQUENCE = 0x30;

class ReplacedSequence extends Asn1Type<Uint8Array> {
  readonly tags: readonly [number];
  readonly notation: (der: Uint8Array, indent: string) => string;

  constructor(tag: number, notation: (der: Uint8Array, indent: string) => string) {
    super();
    this.tags = [tag];
    this.notation = notation;
  }

  read(tlv: Tlv): Uint8Array {
    const [first, ...rest] = childrenOf(tlv);
    if (first?.tag !== SEQUENCE) {
      throw new DerError(`expected a SEQUENCE in ${hexTag(tlv.tag)}`, tlv.offset);
    }
    // Certificate and SubjectPublicKeyInfo both have several components.
    return rest.length === 0 ? first.der : encodeTlv(SEQUENCE, tlv.contents);
  }

  encode(der: Uint8Array): Uint8Array {
    return encodeTlv(this.tags[0], readDer(der).contents);
  }
}

/** The alternative of a CHOICE for what is unknown or malformed, in `extensibleSequenceOf`. No tag leads to it. */
export const otherTlv: Asn1Type<Uint8Array> = new (class extends Asn1Type<Uint8Array> {
  readonly tags = [];

  read({ der }: Tlv): Uint8Array {
    return der;
  }

  encode(der: Uint8Array): Uint8Array {
    return der;
  }

  notation(der: Uint8Array): string {
    return hexNotation(der);
  }
})();

/** SEQUENCE OF a CHOICE, whose items that are unknown or malformed are kept as `unknown`. */
export function extensibleSequenceOf<T>(
  tag: number,
  item: Asn1Type<T | { readonly unknown: Uint8Array }>,
): Asn1Type<readonly T[]> {
  return new ExtensibleSequenceOf(tag, item as Asn1Type<T>);
}

class ExtensibleSequenceOf<T> extends SequenceOf<T> {
  protected override readItem(item: Asn1Type<T>, tlv: Tlv): T {
    const unknown = { unknown: tlv.der } as T;
    if (!item.tags.includes(tlv.tag)) return unknown;
    try {
      return item.read(tlv);
    } catch (error) {
      if (error instanceof DerError) return unknown;
      throw error;
    }
  }
}
