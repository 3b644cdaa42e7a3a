// The subscription data in a profile package, read back after personalisation and when a ready package is imported.
import { decodeEfIccid, decodeHeaderIccid } from './ef-iccid.ts';
import type { AdministrativeData } from './ef-imsi.ts';
import { decodeEfAcc, decodeEfAd, decodeEfImsi } from './ef-imsi.ts';
import { decodeEfMsisdn, decodeEfSmsp } from './ef-msisdn.ts';
import type { ServiceProviderName } from './ef-spn.ts';
import { decodeEfSpn } from './ef-spn.ts';
import { isNotCreated, layoutOf, readFile } from './file-content.ts';
import type { FileLayout } from './file-content.ts';
import { CREATED_BY_DEFAULT } from './file-template.ts';
import type { File } from './file.ts';
import { decodeImsValue } from './ims-identity.ts';
import { oncePerKept } from './kept.ts';
import { elementsOf, isTyped } from './profile-element.ts';
import type { ProfileElement, TypedElement } from './profile-element.ts';

export interface PackageIdentity {
  iccid: string; // of the ProfileHeader
  efIccid: string;
  imsi: string;
  accessClasses: number[];
  administrativeData: AdministrativeData;
  spn: ServiceProviderName;
  msisdn: string;
  serviceCentre: string;
  impi: string;
  impu: string[];
  domain: string;
}

type Elements = readonly ProfileElement[];
type Readers = {
  [K in keyof PackageIdentity]: (elements: Elements) => PackageIdentity[K] | undefined;
};

const READERS: Readers = {
  iccid: (elements) => {
    const [header] = elementsOf(elements, 'header');
    return header && decodeHeaderIccid(header.value.iccid);
  },
  efIccid: (elements) => decoded(contentOf(elements, 'mf', 'ef-iccid'), decodeEfIccid),
  imsi: (elements) => decoded(contentOf(elements, 'usim', 'ef-imsi'), decodeEfImsi),
  accessClasses: (elements) => decoded(contentOf(elements, 'usim', 'ef-acc'), decodeEfAcc),
  administrativeData: (elements) => decoded(contentOf(elements, 'usim', 'ef-ad'), decodeEfAd),
  spn: (elements) => decoded(contentOf(elements, 'usim', 'ef-spn'), decodeEfSpn),
  msisdn: (elements) =>
    decoded(recordsOf(elements, 'opt-usim', 'ef-msisdn')?.[0], decodeEfMsisdn)?.number,
  serviceCentre: (elements) =>
    decoded(recordsOf(elements, 'usim', 'ef-smsp')?.[0], decodeEfSmsp)?.serviceCentre,
  impi: (elements) =>
    decoded(contentOf(elements, 'isim', 'ef-impi'), (bytes) => decodeImsValue('ef-impi', bytes)),
  impu: (elements) =>
    recordsOf(elements, 'isim', 'ef-impu')
      ?.map((record) => decodeImsValue('ef-impu', record))
      .filter((uri) => uri !== ''),
  domain: (elements) =>
    decoded(contentOf(elements, 'isim', 'ef-domain'), (bytes) =>
      decodeImsValue('ef-domain', bytes),
    ),
};

/** Reads one of the values; undefined if the package has no place for it. */
export function readIdentity<K extends keyof PackageIdentity>(
  elements: Elements,
  key: K,
): PackageIdentity[K] | undefined {
  return READERS[key](elements);
}

export function identityOf(elements: Elements): Partial<PackageIdentity> {
  const values = Object.entries(READERS).map(([key, read]) => [key, read(elements)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** The content of the file in the first such element; undefined if the element does not create it. */
export function contentOf(
  elements: Elements,
  element: string,
  name: string,
): Uint8Array | undefined {
  const found = findFile(elements, element, name);
  return found && readFile(found.file, found.layout);
}

export function recordsOf(
  elements: Elements,
  element: string,
  name: string,
): Uint8Array[] | undefined {
  const found = findFile(elements, element, name);
  if (!found) return undefined;
  const { recordSize } = found.layout;
  const content = readFile(found.file, found.layout);
  return Array.from({ length: Math.floor(content.length / recordSize) }, (_, i) =>
    content.slice(i * recordSize, (i + 1) * recordSize),
  );
}

function findFile(
  elements: Elements,
  elementName: string,
  name: string,
): { file: File; layout: FileLayout } | undefined {
  const element = elements.find((candidate) => candidate.name === elementName);
  if (!element || !isTyped(element)) return undefined;
  const file = fileOf(element, name);
  if (!file || isNotCreated(file)) return undefined;
  const layout = layoutOf(elementName, templateIdOf(element) ?? '', name, file);
  return layout && { file, layout };
}

/** The file in an element. An element that does not mention it still creates it if its template does by default. */
export function fileOf(element: TypedElement, name: string): File | undefined {
  if (templateIdOf(element) === undefined) return undefined;
  const value = (element.value as Record<string, unknown>)[name];
  if (isFile(name, value)) return value;
  return CREATED_BY_DEFAULT.includes(element.name) ? [] : undefined;
}

/** The File members of an element, by name; none if the element does not create files from a template. */
export function filesOf(element: TypedElement): readonly (readonly [name: string, file: File])[] {
  return filesIn(element.value);
}

const filesIn = oncePerKept((value: object) => {
  const files: [string, File][] = [];
  if (!('templateID' in value)) return files;
  for (const [name, member] of Object.entries(value)) {
    if (isFile(name, member)) files.push([name, member]);
  }
  return files;
});

export function templateIdOf(element: TypedElement): string | undefined {
  return 'templateID' in element.value ? element.value.templateID : undefined;
}

function isFile(name: string, value: unknown): value is File {
  return Array.isArray(value) && name !== '...';
}

function decoded<T>(
  content: Uint8Array | undefined,
  decode: (content: Uint8Array) => T,
): T | undefined {
  return content && decode(content);
}
