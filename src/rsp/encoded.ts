// Components whose exact bytes matter because a signature covers them (§2.6.7).
import { Asn1Type } from './asn1-type.ts';
import type { Tlv } from './der.ts';

/** A value together with its encoding, which a signature covers. */
export interface Encoded<T> {
  readonly value: T;
  readonly der: Uint8Array;
}

/** A component whose bytes are kept as received, and sent as signed. */
export function keepingDer<T>(type: Asn1Type<T>): Asn1Type<Encoded<T>> {
  return new KeepingDer(type);
}

/** The value and its bytes, to be signed and sent. */
export function encoded<T>(type: Asn1Type<T>, value: T): Encoded<T> {
  return { value, der: type.encode(value) };
}

class KeepingDer<T> extends Asn1Type<Encoded<T>> {
  readonly tags: readonly number[];
  readonly #type: Asn1Type<T>;

  constructor(type: Asn1Type<T>) {
    super();
    this.#type = type;
    this.tags = type.tags;
  }

  read(tlv: Tlv): Encoded<T> {
    return { value: this.#type.read(tlv), der: tlv.der };
  }

  encode({ der }: Encoded<T>): Uint8Array {
    return der;
  }

  notation({ value }: Encoded<T>, indent: string): string {
    return this.#type.notation(value, indent);
  }
}
