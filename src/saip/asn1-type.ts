// The ASN.1 types used in profile packages, each with a strict DER decoder and an encoder. Type definitions read like
// their productions: fields in order, tags numbered as by AUTOMATIC TAGS, sizes beside the string.
import { DerWriter } from '../rsp/der-writer.ts';
import type { Tlv } from '../rsp/der.ts';
import { isKeptAs, keptContent } from './kept.ts';
import { readTlvs } from './tlv.ts';
import { SaipError, sizeError } from './saip-error.ts';

export interface Asn1Type<T> {
  /** The type's own tag; a CHOICE has none, so a context tag around it is explicit. */
  readonly tag: number | undefined;
  /** @param meant the value that was encoded, if known: kept parts are reused from it */
  decode(content: Uint8Array, where: string, meant?: T): T;
  /** For a type without a tag: decodes its TLV. */
  decodeOne?(element: Tlv, where: string): T;
  /** Writes the content; like all DER here, from end to beginning. */
  write(value: T, where: string, out: DerWriter): void;
  /** Value notation for people; secrets show only their size. */
  describe(value: T, indent: string): string;
}

export interface Optional<T> {
  readonly optional: Asn1Type<T>;
}

export type ValueOf<F> = F extends Asn1Type<infer T> ? T : F extends Optional<infer T> ? T : never;

type Field = Asn1Type<unknown> | Optional<unknown>;
type Fields = Readonly<Record<string, Field>>;
type RequiredNames<F> = { [K in keyof F]: F[K] extends Optional<unknown> ? never : K }[keyof F];
type Flat<T> = { [K in keyof T]: T[K] };

/** `...` contains fields that a later edition has added at the end (EXTENSIBILITY IMPLIED), as whole TLVs. */
export type SequenceValue<F> = Flat<
  { [K in RequiredNames<F>]: ValueOf<F[K]> } & {
    [K in Exclude<keyof F, RequiredNames<F>>]?: ValueOf<F[K]>;
  } & { '...'?: Uint8Array[] }
>;

export type ChoiceValue<A> = { [K in keyof A]: { choice: K; value: ValueOf<A[K]> } }[keyof A];

const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;

export function optional<T>(type: Asn1Type<T>): Optional<T> {
  return { optional: type };
}

export function sequenceOf<T>(type: Asn1Type<T>, min = 0, max = Infinity): Asn1Type<T[]> {
  return {
    tag: 0x30,
    decode(content, where) {
      const elements = readTlvs(content, where);
      requireCount(elements.length, min, max, where);
      return elements.map((element, i) => decodeElement(type, element, `${where}[${i}]`));
    },
    write(values, where, out) {
      requireCount(values.length, min, max, where);
      for (let i = values.length - 1; i >= 0; i -= 1) {
        writeElement(type, values[i] as T, `${where}[${i}]`, out);
      }
    },
    describe: (values, indent) =>
      block(
        values.map((value) => type.describe(value, `${indent}  `)),
        indent,
      ),
  };
}

/** A SEQUENCE with AUTOMATIC TAGS: the n-th field has the context tag n. */
export function sequence<const F extends Fields>(fields: F): Asn1Type<SequenceValue<F>> {
  const slots = Object.entries(fields).map(([name, field], i) => {
    const { type, isOptional } = unwrap(field);
    return { name, type: retag(contextTag(i, type), type), isOptional };
  });
  return sequenceOfSlots(slots, slots.length);
}

/** A SEQUENCE whose production specifies tags: each field has the tag of its type, see `tagged`. */
export function taggedSequence<const F extends Fields>(fields: F): Asn1Type<SequenceValue<F>> {
  const slots = Object.entries(fields).map(([name, field]) => ({ name, ...unwrap(field) }));
  return sequenceOfSlots(slots, undefined);
}

/** CHOICE: the context tag of an alternative is its position, unless the alternatives are already `tagged`. */
export function choice<const A extends Readonly<Record<string, Asn1Type<unknown>>>>(
  alternatives: A,
  tags: 'automatic' | 'written' = 'automatic',
): Asn1Type<ChoiceValue<A>> {
  const slots = Object.entries(alternatives).map(([name, type], i) => ({
    name,
    type: tags === 'automatic' ? retag(contextTag(i, type), type) : type,
  }));
  const decodeOne = (element: Tlv, where: string): { choice: string; value: unknown } => {
    const slot = slots.find(({ type }) => type.tag === element.tag);
    if (!slot) {
      const names = slots.map(({ name }) => name).join(', ');
      throw new SaipError('unexpected-element', where, `one of ${names}`, tagText(element.tag));
    }
    return {
      choice: slot.name,
      value: slot.type.decode(element.contents, `${where}/${slot.name}`),
    };
  };
  const find = (name: string): Asn1Type<unknown> | undefined =>
    slots.find((slot) => slot.name === name)?.type;
  const type: Asn1Type<{ choice: string; value: unknown }> = {
    tag: undefined,
    decodeOne,
    decode(content, where) {
      const [element, ...more] = readTlvs(content, where);
      if (!element || more.length > 0) {
        throw new SaipError('malformed', where, 'one element', `${element ? more.length + 1 : 0}`);
      }
      return decodeOne(element, where);
    },
    write(value, where, out) {
      const chosen = find(value.choice);
      if (!chosen) throw new SaipError('bad-value', where, 'a known alternative', value.choice);
      writeElement(chosen, value.value, `${where}/${value.choice}`, out);
    },
    describe: (value, indent) =>
      `${value.choice} : ${find(value.choice)?.describe(value.value, indent) ?? ''}`,
  };
  return type as Asn1Type<unknown> as Asn1Type<ChoiceValue<A>>;
}

/** The type under an explicitly specified, implicit tag. */
export function tagged<T>(tag: number, type: Asn1Type<T>): Asn1Type<T> {
  return retag(tag, type);
}

/** The type, with values that can be kept. */
export function keepable<T extends object>(type: Asn1Type<T>): Asn1Type<T> {
  return {
    ...type,
    decode: (content, where, meant) =>
      isKeptAs(meant, content) ? meant : type.decode(content, where, meant),
    write(value, where, out) {
      const kept = keptContent(value);
      if (kept === undefined) type.write(value, where, out);
      else out.prepend(kept);
    },
  };
}

interface Slot {
  name: string;
  type: Asn1Type<unknown>;
  isOptional: boolean;
}

function sequenceOfSlots<T>(
  slots: readonly Slot[],
  firstExtension: number | undefined,
): Asn1Type<T> {
  const type: Asn1Type<Record<string, unknown>> = {
    tag: 0x30,
    decode(content, where, meant) {
      const elements = readTlvs(content, where);
      const value: Record<string, unknown> = {};
      let next = 0;
      for (const slot of slots) {
        const element = elements[next];
        if (element && element.tag === slot.type.tag) {
          value[slot.name] = slot.type.decode(
            element.contents,
            `${where}/${slot.name}`,
            meant?.[slot.name],
          );
          next += 1;
        } else if (!slot.isOptional) {
          const got = element ? tagText(element.tag) : 'the end';
          throw new SaipError('missing-element', `${where}/${slot.name}`, 'this element', got);
        }
      }
      const extensions = elements.slice(next);
      if (extensions.length > 0) {
        requireExtensions(extensions, firstExtension, where);
        value['...'] = extensions.map(({ der }) => der);
      }
      return value;
    },
    write(value, where, out) {
      const extensions = (value['...'] as Uint8Array[] | undefined) ?? [];
      for (const extension of extensions.toReversed()) out.prepend(extension);
      for (let i = slots.length - 1; i >= 0; i -= 1) {
        const slot = slots[i] as Slot;
        const member = value[slot.name];
        const path = `${where}/${slot.name}`;
        if (member !== undefined) writeElement(slot.type, member, path, out);
        else if (!slot.isOptional) throw new SaipError('missing-element', path, 'a value', 'none');
      }
    },
    describe(value, indent) {
      const lines = slots
        .filter((slot) => value[slot.name] !== undefined)
        .map((slot) => `${slot.name} ${slot.type.describe(value[slot.name], `${indent}  `)}`);
      const extensions = (value['...'] as Uint8Array[] | undefined) ?? [];
      return block([...lines, ...extensions.map((bytes) => `... <${bytes.length} bytes>`)], indent);
    },
  };
  return type as Asn1Type<unknown> as Asn1Type<T>;
}

/** Additions of a later edition have context tags above the known ones, in ascending order. */
function requireExtensions(
  elements: readonly Tlv[],
  first: number | undefined,
  where: string,
): void {
  let lowest = first;
  for (const { tag } of elements) {
    const number = contextNumber(tag);
    if (lowest === undefined || number === undefined || number < lowest) {
      throw new SaipError('unexpected-element', where, 'the end or a later field', tagText(tag));
    }
    lowest = number + 1;
  }
}

function unwrap(field: Field): { type: Asn1Type<unknown>; isOptional: boolean } {
  return 'optional' in field
    ? { type: field.optional, isOptional: true }
    : { type: field, isOptional: false };
}

/** X.680 §31.2.7: an automatic tag on a CHOICE is explicit; the CHOICE reads its own TLV inside. */
function contextTag(number: number, type: Asn1Type<unknown>): number {
  const form = type.tag === undefined ? CONSTRUCTED : type.tag & CONSTRUCTED;
  return number < 31 ? CONTEXT | form | number : ((CONTEXT | form | 0x1f) << 8) | number;
}

function contextNumber(tag: number): number | undefined {
  if (tag > 0xffff) return undefined;
  const first = tag > 0xff ? tag >> 8 : tag;
  if ((first & 0xc0) !== CONTEXT) return undefined;
  return tag > 0xff ? tag & 0x7f : tag & 0x1f;
}

function retag<T>(tag: number, type: Asn1Type<T>): Asn1Type<T> {
  return {
    tag,
    decode: (content, where, meant) => type.decode(content, where, meant),
    write: (value, where, out) => type.write(value, where, out),
    describe: (value, indent) => type.describe(value, indent),
  };
}

function decodeElement<T>(type: Asn1Type<T>, element: Tlv, where: string): T {
  if (type.tag === undefined) {
    return type.decodeOne ? type.decodeOne(element, where) : type.decode(element.der, where);
  }
  if (element.tag !== type.tag) {
    throw new SaipError('unexpected-element', where, tagText(type.tag), tagText(element.tag));
  }
  return type.decode(element.contents, where);
}

function writeElement<T>(type: Asn1Type<T>, value: T, where: string, out: DerWriter): void {
  const end = out.size;
  type.write(value, where, out);
  if (type.tag !== undefined) out.prependHeader(type.tag, out.size - end);
}

/** Encodes only the content of a value. */
export function encodeContent<T>(type: Asn1Type<T>, value: T, where: string): Uint8Array {
  const out = new DerWriter();
  type.write(value, where, out);
  return out.bytes.slice();
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function tagText(tag: number): string {
  return `tag ${tag.toString(16).toUpperCase().padStart(2, '0')}`;
}

function block(lines: readonly string[], indent: string): string {
  if (lines.length === 0) return '{ }';
  return `{\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}}`;
}

function requireCount(count: number, min: number, max: number, where: string): void {
  if (count < min || count > max) throw sizeError(count, min, max, 'entries', where);
}
