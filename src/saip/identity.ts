// What a profile package says of its subscription: read back after personalising, and when a ready package comes in.
import { decodeEfIccid, decodeHeaderIccid } from './ef-iccid.ts';
import type { AdministrativeData } from './ef-imsi.ts';
import { decodeEfAcc, decodeEfAd, decodeEfImsi } from './ef-imsi.ts';
import { decodeEfMsisdn, decodeEfSmsp } from './ef-msisdn.ts';
import type { ServiceProviderName } from './ef-spn.ts';
import { decodeEfSpn } from './ef-spn.ts';
import { isNotCreated, layoutOf, readFile } from './file-content.ts';
import { CREATED_BY_DEFAULT } from './file-template.ts';
import type { File } from './file.ts';
import { decodeImsValue } from './ims-identity.ts';
import { isTyped } from './profile-element.ts';
import type { ProfileElement, TypedElement } from './profile-element.ts';

export interface PackageIdentity {
  iccid?: string; // of the ProfileHeader
  efIccid?: string;
  imsi?: string;
  accessClasses?: number[];
  administrativeData?: AdministrativeData;
  spn?: ServiceProviderName;
  msisdn?: string;
  serviceCentre?: string;
  impi?: string;
  impu?: string[];
  domain?: string;
}

export function identityOf(elements: readonly ProfileElement[]): PackageIdentity {
  const identity: PackageIdentity = {};
  const header = elements.find((element) => element.name === 'header');
  if (header) identity.iccid = decodeHeaderIccid(header.value.iccid);
  const read = <T>(
    element: string,
    file: string,
    decode: (content: Uint8Array) => T,
  ): T | undefined => {
    const content = contentOf(elements, element, file);
    return content && decode(content);
  };
  const set = <K extends keyof PackageIdentity>(
    key: K,
    value: PackageIdentity[K] | undefined,
  ): void => {
    if (value !== undefined) identity[key] = value;
  };
  set('efIccid', read('mf', 'ef-iccid', decodeEfIccid));
  set('imsi', read('usim', 'ef-imsi', decodeEfImsi));
  set('accessClasses', read('usim', 'ef-acc', decodeEfAcc));
  set('administrativeData', read('usim', 'ef-ad', decodeEfAd));
  set('spn', read('usim', 'ef-spn', decodeEfSpn));
  const msisdn = firstRecordOf(elements, 'opt-usim', 'ef-msisdn');
  set('msisdn', msisdn && decodeEfMsisdn(msisdn).number);
  const smsp = firstRecordOf(elements, 'usim', 'ef-smsp');
  set('serviceCentre', smsp && decodeEfSmsp(smsp).serviceCentre);
  set(
    'impi',
    read('isim', 'ef-impi', (content) => decodeImsValue('ef-impi', content)),
  );
  set(
    'domain',
    read('isim', 'ef-domain', (content) => decodeImsValue('ef-domain', content)),
  );
  const impu = recordsOf(elements, 'isim', 'ef-impu');
  const decoded = impu?.map((record) => decodeImsValue('ef-impu', record));
  set(
    'impu',
    decoded?.filter((uri) => uri !== ''),
  );
  return identity;
}

/** The content that the first such element gives the file; undefined when it does not make the file. */
export function contentOf(
  elements: readonly ProfileElement[],
  element: string,
  name: string,
): Uint8Array | undefined {
  return found(elements, element, name)?.content;
}

export function recordsOf(
  elements: readonly ProfileElement[],
  element: string,
  name: string,
): Uint8Array[] | undefined {
  const file = found(elements, element, name);
  if (!file) return undefined;
  const { content, recordSize } = file;
  return Array.from({ length: Math.floor(content.length / recordSize) }, (_, i) =>
    content.slice(i * recordSize, (i + 1) * recordSize),
  );
}

function firstRecordOf(
  elements: readonly ProfileElement[],
  element: string,
  name: string,
): Uint8Array | undefined {
  return recordsOf(elements, element, name)?.[0];
}

function found(
  elements: readonly ProfileElement[],
  elementName: string,
  name: string,
): { content: Uint8Array; recordSize: number } | undefined {
  const element = elements.find((candidate) => candidate.name === elementName);
  if (!element || !isTyped(element)) return undefined;
  const file =
    filesOf(element)[name] ?? (CREATED_BY_DEFAULT.includes(elementName) ? [] : undefined);
  if (!file || isNotCreated(file)) return undefined;
  const layout = layoutOf(elementName, templateIdOf(element) ?? '', name, file);
  return layout && { content: readFile(file, layout), recordSize: layout.recordSize };
}

/** The File members of an element, by name; empty for an element that makes no files from a template. */
export function filesOf(element: TypedElement): Record<string, File> {
  if (templateIdOf(element) === undefined) return {};
  return Object.fromEntries(
    Object.entries(element.value).filter((entry): entry is [string, File] => isFile(entry)),
  );
}

export function templateIdOf(element: TypedElement): string | undefined {
  return 'templateID' in element.value ? element.value.templateID : undefined;
}

function isFile([name, value]: [string, unknown]): boolean {
  return Array.isArray(value) && name !== '...';
}
