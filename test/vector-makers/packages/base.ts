// The packages that the vectors begin with, and the ways to change them.
import assert from 'node:assert/strict';
import type { Fcp, File } from '../../../src/saip/file.ts';
import { elementsOf, encodeProfilePackage } from '../../../src/saip/profile-element.ts';
import type { ElementValue, ProfileElement, TypedName } from '../../../src/saip/profile-element.ts';
import { operatorTemplate } from '../../saip/operator-template.ts';
import type { Input } from '../vector-file.ts';

export const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
export const content = (text: string): File => [{ choice: 'fillFileContent', value: hex(text) }];
export const described = (fcp: Fcp): File => [{ choice: 'fileDescriptor', value: fcp }];
export const NOT_CREATED: File = [{ choice: 'doNotCreate', value: true }];

/** Gives other elements, or changes those that it is given. */
export type Change = (elements: ProfileElement[]) => ProfileElement[] | void;

/** A USIM with MILENAGE and nothing else: header, mf, pukCodes, pinCodes, usim, pinCodes, akaParameter, end. */
export function smallest(): ProfileElement[] {
  const whole = operatorTemplate();
  const small = [0, 1, 2, 3, 7, 9, 10, whole.length - 1].map((at) => whole[at]!);
  changeFirst('header', (value) => {
    value['eUICC-Mandatory-services'] = { usim: true, milenage: true };
    value['eUICC-Mandatory-GFSTEList'] = ['2.23.143.1.2.1', '2.23.143.1.2.4'];
  })(small);
  return small;
}

/** With telecom, CSIM, ISIM, a security domain and RFM besides. */
export const whole = operatorTemplate;

/** The elements of a package, one text each: the package is all of them, one after the other. */
export function packageOf(elements: readonly ProfileElement[]): Input {
  return { package: elements.map((element) => encodeProfilePackage([element]).toHex()) };
}

function changed(elements: ProfileElement[], changes: readonly Change[]): Input {
  return packageOf(changes.reduce((current, change) => change(current) ?? current, elements));
}

export const small = (...changes: Change[]): Input => changed(smallest(), changes);
export const large = (...changes: Change[]): Input => changed(whole(), changes);

/** Changes the first element of this name, or another of them. */
export function changeFirst<N extends TypedName>(
  name: N,
  change: (value: ElementValue<N>) => void,
  at = 0,
): Change {
  return (elements) => {
    const found = elementsOf(elements, name)[at];
    assert.ok(found, `no ${name}`);
    change(found.value);
  };
}

export const without =
  (name: string): Change =>
  (elements) =>
    elements.filter((element) => element.name !== name);

/** Puts elements before the first of this name. */
export const before =
  (name: string, ...added: ProfileElement[]): Change =>
  (elements) => {
    const at = elements.findIndex((element) => element.name === name);
    assert.ok(at >= 0, `no ${name}`);
    return elements.toSpliced(at, 0, ...added);
  };

export const twice =
  (name: string): Change =>
  (elements) =>
    elements.flatMap((element) => (element.name === name ? [element, element] : [element]));

export const moved =
  (name: string, to: number): Change =>
  (elements) => {
    const element = elements.find((candidate) => candidate.name === name);
    assert.ok(element, `no ${name}`);
    return elements.filter((other) => other !== element).toSpliced(to, 0, element);
  };

export type Services = ElementValue<'header'>['eUICC-Mandatory-services'];

export const demanding = (...services: (keyof Services)[]): Change =>
  changeFirst('header', (value) => {
    for (const service of services) {
      Object.assign(value['eUICC-Mandatory-services'], { [service]: true });
    }
  });

export const notDemanding = (...services: (keyof Services)[]): Change =>
  changeFirst('header', (value) => {
    for (const service of services) delete value['eUICC-Mandatory-services'][service];
  });

export const listing = (...templates: number[]): Change =>
  changeFirst('header', (value) => {
    value['eUICC-Mandatory-GFSTEList'].push(...templates.map((n) => `2.23.143.1.2.${n}`));
  });

export const files = (given: Partial<Record<string, File>>): Change =>
  changeFirst('usim', (usim) => void Object.assign(usim, given));

/** An element without a type here: its tag, and a PEHeader with this number. */
export function opaque(name: string, tag: string, identification: number): ProfileElement {
  const number = identification.toString(16).padStart(2, '0');
  const bytes = hex(`${tag}07a00580008101${number}`);
  return { name, bytes } as ProfileElement;
}
