// A profile package (UPP) is a concatenation of profile elements. Splits a package, names its elements by their tags
// in the CHOICE ProfileElement, and decodes and encodes those with a type here.
import { DerWriter } from '../rsp/der-writer.ts';
import { sequence, tagText } from './asn1-type.ts';
import type { Asn1Type, ValueOf } from './asn1-type.ts';
import { PEAKAParameter } from './aka-parameter.ts';
import { PEPINCodes, PEPUKCodes } from './codes.ts';
import { PECD, PEMF, PEPHONEBOOK, PETELECOM } from './file-elements.ts';
import { PEGenericFileManagement } from './file.ts';
import { PEISIM, PEOPTISIM } from './isim-elements.ts';
import { isKeptAs, keptContent } from './kept.ts';
import { PEHeader } from './pe-header.ts';
import { ProfileHeader } from './profile-header.ts';
import { SaipError } from './saip-error.ts';
import { PERFM, PESecurityDomain } from './security-domain.ts';
import { leadingByte, readTlvs } from './tlv.ts';
import { PEDF5GS, PEDFSAIP, PEGSMACCESS, PEOPTUSIM, PEUSIM } from './usim-elements.ts';

/** CHOICE ProfileElement with AUTOMATIC TAGS; tags are constructed, in two bytes from 31 on. */
const ELEMENT_TAGS = {
  header: 0xa0,
  genericFileManagement: 0xa1,
  pinCodes: 0xa2,
  pukCodes: 0xa3,
  akaParameter: 0xa4,
  cdmaParameter: 0xa5,
  securityDomain: 0xa6,
  rfm: 0xa7,
  application: 0xa8,
  nonStandard: 0xa9,
  end: 0xaa,
  mf: 0xb0,
  cd: 0xb1,
  telecom: 0xb2,
  usim: 0xb3,
  'opt-usim': 0xb4,
  isim: 0xb5,
  'opt-isim': 0xb6,
  phonebook: 0xb7,
  'gsm-access': 0xb8,
  csim: 0xb9,
  'opt-csim': 0xba,
  eap: 0xbb,
  'df-5gs': 0xbc,
  'df-saip': 0xbd,
  'df-snpn': 0xbe,
  'df-5gprose': 0xbf1f,
  iot: 0xbf20,
  'opt-iot': 0xbf21,
} as const;

const ELEMENT_TYPES = {
  header: ProfileHeader,
  genericFileManagement: PEGenericFileManagement,
  pinCodes: PEPINCodes,
  pukCodes: PEPUKCodes,
  akaParameter: PEAKAParameter,
  securityDomain: PESecurityDomain,
  rfm: PERFM,
  end: sequence({ 'end-header': PEHeader }),
  mf: PEMF,
  cd: PECD,
  telecom: PETELECOM,
  usim: PEUSIM,
  'opt-usim': PEOPTUSIM,
  isim: PEISIM,
  'opt-isim': PEOPTISIM,
  phonebook: PEPHONEBOOK,
  'gsm-access': PEGSMACCESS,
  'df-5gs': PEDF5GS,
  'df-saip': PEDFSAIP,
} as const;

export type ElementName = keyof typeof ELEMENT_TAGS;
export type TypedName = keyof typeof ELEMENT_TYPES;
export type ElementValue<N extends TypedName> = ValueOf<(typeof ELEMENT_TYPES)[N]>;

export type TypedElement = { [N in TypedName]: { name: N; value: ElementValue<N> } }[TypedName];
/** An element without a type here, kept unchanged, including tag and length. */
export interface OpaqueElement {
  name: Exclude<ElementName, TypedName> | 'unknown';
  bytes: Uint8Array;
}
export type ProfileElement = TypedElement | OpaqueElement;

const PACKAGE_SIZE = 40 * 1024; // fits most packages; the buffer grows for larger ones

export interface RawElement {
  name: ElementName | 'unknown';
  tag: number;
  offset: number;
  bytes: Uint8Array; // tag and length included
  content: Uint8Array;
}

const NAMES = new Map<number, ElementName>(
  Object.entries(ELEMENT_TAGS).map(([name, tag]) => [tag, name as ElementName]),
);

export function splitProfilePackage(upp: Uint8Array): RawElement[] {
  const elements = readTlvs(upp, 'profile package');
  if (elements.length === 0) {
    throw new SaipError('missing-element', 'profile package', 'profile elements', 'no bytes');
  }
  return elements.map(({ tag, der, contents, offset }) => {
    const name = NAMES.get(tag) ?? 'unknown';
    const isElement = (leadingByte(tag) & 0xe0) === 0xa0;
    if (!isElement) {
      throw new SaipError('unexpected-element', 'profile package', 'an element', tagText(tag));
    }
    return { name, tag, offset, bytes: der, content: contents };
  });
}

/** The byte strings in the result are views of these bytes. */
export function decodeProfilePackage(upp: Uint8Array): ProfileElement[] {
  return splitProfilePackage(upp).map((raw) => decodeProfileElement(raw));
}

/** @param meant the element that was encoded to these bytes, if known */
export function decodeProfileElement(
  { name, bytes, content }: RawElement,
  meant?: ProfileElement,
): ProfileElement {
  if (!isTypedName(name)) return { name, bytes };
  const type: Asn1Type<ElementValue<typeof name>> = ELEMENT_TYPES[name];
  const value = meant?.name === name ? meant.value : undefined;
  if (isKeptAs(value, content)) return { name, value } as TypedElement;
  return { name, value: type.decode(content, name, value) } as TypedElement;
}

/** @param size expected size of the package */
export function encodeProfilePackage(
  elements: readonly ProfileElement[],
  size = PACKAGE_SIZE,
): Uint8Array {
  const out = new DerWriter(size);
  writeProfilePackage(elements, out);
  return out.bytes;
}

/** Writes the package before what was written so far. */
export function writeProfilePackage(elements: readonly ProfileElement[], out: DerWriter): void {
  for (const element of elements.toReversed()) writeProfileElement(element, out);
}

function writeProfileElement(element: ProfileElement, out: DerWriter): void {
  if (!isTyped(element)) return out.prepend(element.bytes);
  const end = out.size;
  const kept = keptContent(element.value);
  const type: Asn1Type<unknown> = ELEMENT_TYPES[element.name];
  if (kept === undefined) type.write(element.value, element.name, out);
  else out.prepend(kept);
  out.prependHeader(ELEMENT_TAGS[element.name], out.size - end);
}

export function isTyped(element: ProfileElement): element is TypedElement {
  return 'value' in element;
}

export function elementsOf<N extends TypedName>(
  elements: readonly ProfileElement[],
  name: N,
): { name: N; value: ElementValue<N> }[] {
  return elements.filter((element) => element.name === name) as {
    name: N;
    value: ElementValue<N>;
  }[];
}

export function typeOf(name: TypedName): Asn1Type<unknown> {
  return ELEMENT_TYPES[name];
}

/** Every element but the ProfileHeader begins with a PEHeader, including those without a type here. */
export function peHeaderOf(element: ProfileElement): PEHeader | undefined {
  if (element.name === 'header') return undefined;
  if (isTyped(element)) {
    const name = Object.keys(element.value).find((key) => /-header$/i.test(key)) ?? '';
    return (element.value as Record<string, unknown>)[name] as PEHeader;
  }
  const [outer] = readTlvs(element.bytes, element.name);
  const [first] = outer ? readTlvs(outer.contents, element.name) : [];
  if (!first || first.tag !== 0xa0) {
    const got = first ? tagText(first.tag) : 'the end';
    throw new SaipError('missing-element', element.name, 'a PEHeader', got);
  }
  return PEHeader.decode(first.contents, `${element.name}/PEHeader`);
}

function isTypedName(name: ElementName | 'unknown'): name is TypedName {
  return name in ELEMENT_TYPES;
}
