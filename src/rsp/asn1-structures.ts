// The structured ASN.1 types: SEQUENCE, SEQUENCE OF, CHOICE and EXPLICIT tagging.
import { Asn1Type, readAs, tagsOf, type ValueOf } from './asn1-type.ts';
import { DerError } from './der-error.ts';
import { DerReader, encodeTlv, hexTag, type Tlv } from './der.ts';

class Optional<T> {
  readonly type: Asn1Type<T>;

  constructor(type: Asn1Type<T>) {
    this.type = type;
  }
}

/** OPTIONAL, in a SEQUENCE. */
export function optional<T>(type: Asn1Type<T>): Optional<T> {
  return new Optional(type);
}

class Default<T> {
  readonly type: Asn1Type<T>;
  readonly defaultValue: T;

  constructor(type: Asn1Type<T>, defaultValue: T) {
    this.type = type;
    this.defaultValue = defaultValue;
  }
}

/** DEFAULT, in a SEQUENCE: not encoded (X.690 §11.5), but accepted if a peer encodes it. */
export function withDefault<T>(type: Asn1Type<T>, defaultValue: T): Default<T> {
  return new Default(type, defaultValue);
}

type Field = Asn1Type<unknown> | Optional<unknown> | Default<unknown>;
type Fields = Readonly<Record<string, Field>>;
type FieldValue<F> = F extends Optional<infer T> ? T : F extends Default<infer T> ? T : ValueOf<F>;
type OptionalNames<F extends Fields> = {
  [K in keyof F]: F[K] extends Default<unknown>
    ? never
    : F[K] extends Optional<unknown>
      ? K
      : never;
}[keyof F];
type SequenceValue<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalNames<F>>]: FieldValue<F[K]>;
} & { readonly [K in OptionalNames<F>]?: FieldValue<F[K]> };

/** SEQUENCE with these components in this order. Further components are skipped: EXTENSIBILITY IMPLIED. */
export function sequence<const F extends Fields>(
  tag: number,
  fields: F,
): Asn1Type<SequenceValue<F>> {
  return new Sequence(tag, fields);
}

interface Component {
  name: string;
  type: Asn1Type<unknown>;
  presence: 'mandatory' | 'optional' | 'default';
  defaultValue: unknown;
}

class Sequence<F extends Fields> extends Asn1Type<SequenceValue<F>> {
  readonly tags: readonly [number];
  readonly #components: readonly Component[];

  constructor(tag: number, fields: F) {
    super();
    this.tags = [tag];
    this.#components = Object.entries(fields).map(([name, field]) => componentOf(name, field));
  }

  read(tlv: Tlv): SequenceValue<F> {
    const reader = DerReader.inside(tlv);
    const value: Record<string, unknown> = {};
    let tag = reader.peekTag();
    for (const { name, type, presence, defaultValue } of this.#components) {
      if (tag !== undefined && type.tags.includes(tag)) {
        value[name] = type.read(reader.next());
        tag = reader.peekTag();
      } else if (presence === 'default') value[name] = defaultValue;
      else if (presence === 'mandatory') {
        const found = tag === undefined ? 'the end' : hexTag(tag);
        throw new DerError(`expected ${name} (${tagsOf(type)}), found ${found}`, reader.offset);
      }
    }
    while (!reader.isAtEnd) reader.next();
    return value as SequenceValue<F>;
  }

  encode(value: SequenceValue<F>): Uint8Array {
    const given = value as Readonly<Record<string, unknown>>;
    const parts: Uint8Array[] = [];
    for (const { name, type, defaultValue } of this.#components) {
      const component = given[name];
      // X.690 §11.5: nor is a DEFAULT.
      if (component === undefined || component === defaultValue) continue;
      parts.push(type.encode(component));
    }
    return encodeTlv(this.tags[0], ...parts);
  }

  notation(value: SequenceValue<F>, indent: string): string {
    const given = value as Readonly<Record<string, unknown>>;
    const inner = `${indent}  `;
    const lines = this.#components
      .filter(({ name }) => given[name] !== undefined)
      .map(({ name, type }) => `${inner}${name} ${type.notation(given[name], inner)}`);
    return lines.length === 0 ? '{ }' : `{\n${lines.join(',\n')}\n${indent}}`;
  }
}

function componentOf(name: string, field: Field): Component {
  if (field instanceof Asn1Type) {
    return { name, type: field, presence: 'mandatory', defaultValue: undefined };
  }
  const { type } = field;
  return field instanceof Default
    ? { name, type, presence: 'default', defaultValue: field.defaultValue }
    : { name, type, presence: 'optional', defaultValue: undefined };
}

/** SEQUENCE OF. */
export function sequenceOf<T>(tag: number, item: Asn1Type<T>): Asn1Type<readonly T[]> {
  return new SequenceOf(tag, item);
}

export class SequenceOf<T> extends Asn1Type<readonly T[]> {
  readonly tags: readonly [number];
  readonly #item: Asn1Type<T>;

  constructor(tag: number, item: Asn1Type<T>) {
    super();
    this.tags = [tag];
    this.#item = item;
  }

  read(tlv: Tlv): readonly T[] {
    const items: T[] = [];
    for (const reader = DerReader.inside(tlv); !reader.isAtEnd;) {
      items.push(this.readItem(this.#item, reader.next()));
    }
    return items;
  }

  protected readItem(item: Asn1Type<T>, tlv: Tlv): T {
    return readAs(item, tlv);
  }

  encode(items: readonly T[]): Uint8Array {
    return encodeTlv(this.tags[0], ...items.map((item) => this.#item.encode(item)));
  }

  notation(items: readonly T[], indent: string): string {
    const inner = `${indent}  `;
    const lines = items.map((item) => inner + this.#item.notation(item, inner));
    return lines.length === 0 ? '{ }' : `{\n${lines.join(',\n')}\n${indent}}`;
  }
}

type Alternatives = Readonly<Record<string, Asn1Type<unknown>>>;
/** Exactly one alternative is present; the others are undefined. */
type ChoiceValue<A extends Alternatives> = {
  [K in keyof A]: { readonly [P in K]: ValueOf<A[P]> } & {
    readonly [P in Exclude<keyof A, K>]?: never;
  };
}[keyof A];

/** CHOICE: an object with only the chosen alternative. */
export function choice<const A extends Alternatives>(alternatives: A): Asn1Type<ChoiceValue<A>> {
  return new Choice(alternatives);
}

class Choice<A extends Alternatives> extends Asn1Type<ChoiceValue<A>> {
  readonly tags: readonly number[];
  readonly #alternatives: Alternatives;
  readonly #entries: readonly [string, Asn1Type<unknown>][];

  constructor(alternatives: A) {
    super();
    this.#alternatives = alternatives;
    this.#entries = Object.entries(alternatives);
    this.tags = Object.values(alternatives).flatMap((type) => [...type.tags]);
  }

  read(tlv: Tlv): ChoiceValue<A> {
    for (const [name, type] of this.#entries) {
      if (type.tags.includes(tlv.tag)) return { [name]: type.read(tlv) } as ChoiceValue<A>;
    }
    throw new DerError(`expected ${tagsOf(this)}, found ${hexTag(tlv.tag)}`, tlv.offset);
  }

  encode(value: ChoiceValue<A>): Uint8Array {
    const [, type, chosen] = this.#chosen(value);
    return type.encode(chosen);
  }

  notation(value: ChoiceValue<A>, indent: string): string {
    const [name, type, chosen] = this.#chosen(value);
    return `${name} : ${type.notation(chosen, indent)}`;
  }

  #chosen(value: ChoiceValue<A>): [string, Asn1Type<unknown>, unknown] {
    const given = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(given)) {
      const type = this.#alternatives[name];
      const chosen = given[name];
      if (type !== undefined && chosen !== undefined) return [name, type, chosen];
    }
    throw new TypeError(`none of ${Object.keys(this.#alternatives).join(', ')} is given`);
  }
}

/** EXPLICIT tagging, which a tagged CHOICE always has (X.680 §31.2.7). */
export function explicit<T>(tag: number, type: Asn1Type<T>): Asn1Type<T> {
  return new Explicit(tag, type);
}

class Explicit<T> extends Asn1Type<T> {
  readonly tags: readonly [number];
  readonly #type: Asn1Type<T>;

  constructor(tag: number, type: Asn1Type<T>) {
    super();
    this.tags = [tag];
    this.#type = type;
  }

  read(tlv: Tlv): T {
    const reader = DerReader.inside(tlv);
    const value = readAs(this.#type, reader.next());
    reader.finish();
    return value;
  }

  encode(value: T): Uint8Array {
    return encodeTlv(this.tags[0], this.#type.encode(value));
  }

  notation(value: T, indent: string): string {
    return this.#type.notation(value, indent);
  }
}
