// Rules of `check`: which profile elements there are, in what order, under which numbers.
import type { CheckRule, Finding } from './check.ts';
import { elementsOf, peHeaderOf } from './profile-element.ts';
import type { ElementName, ProfileElement } from './profile-element.ts';
import { SaipError } from './saip-error.ts';

/** At most one per package. */
const SINGLE: readonly ElementName[] = ['header', 'mf', 'pukCodes', 'cd', 'telecom', 'end'];

/** At most one for each application of this kind, after it and before the next. */
const DEPENDENT: readonly (readonly [ElementName, ElementName])[] = [
  ['opt-usim', 'usim'],
  ['phonebook', 'usim'],
  ['gsm-access', 'usim'],
  ['df-5gs', 'usim'],
  ['df-saip', 'usim'],
  ['df-snpn', 'usim'],
  ['df-5gprose', 'usim'],
  ['opt-isim', 'isim'],
  ['opt-csim', 'csim'],
  ['opt-iot', 'iot'],
];

/** Several applications of one kind require a service of their own. */
const MULTIPLE = { usim: 'multiple-usim', isim: 'multiple-isim', csim: 'multiple-csim' } as const;

export function checkOrder(elements: readonly ProfileElement[]): Finding[] {
  return [
    ...checkPlaces(elements),
    ...checkNumbers(elements),
    ...checkDependents(elements),
    ...checkIdentifications(elements),
  ];
}

function checkPlaces(elements: readonly ProfileElement[]): Finding[] {
  const places: [CheckRule, number, ElementName][] = [
    ['header-first', 0, 'header'],
    ['mf-second', 1, 'mf'],
    ['end-last', elements.length - 1, 'end'],
  ];
  return places
    .filter(([, at, name]) => elements[at]?.name !== name)
    .map(([rule, at, name]) => ({
      rule,
      where: name,
      message: `expected element ${at + 1} to be ${name}, got ${elements[at]?.name ?? 'none'}`,
    }));
}

function checkNumbers(elements: readonly ProfileElement[]): Finding[] {
  const services = elementsOf(elements, 'header')[0]?.value['eUICC-Mandatory-services'] ?? {};
  const several = Object.entries(MULTIPLE).filter(([, service]) => !services[service]);
  const single = [...SINGLE, ...several.map(([name]) => name)];
  return single
    .map((name) => ({ name, count: countOf(elements, name) }))
    .filter(({ count }) => count > 1)
    .map(({ name, count }) => ({
      rule: 'one-of-each',
      where: name,
      message: `expected at most 1 ${name}, got ${count}`,
    }));
}

function checkDependents(elements: readonly ProfileElement[]): Finding[] {
  return DEPENDENT.flatMap(([name, application]) => {
    const findings: Finding[] = [];
    let isOpen = false;
    let isTaken = false;
    for (const element of elements) {
      if (element.name === application) [isOpen, isTaken] = [true, false];
      if (element.name !== name) continue;
      if (!isOpen) {
        const message = `expected ${application} before ${name}, got none`;
        findings.push({ rule: 'after-its-naa', where: name, message });
      } else if (isTaken) {
        const message = `expected at most 1 ${name} for each ${application}, got another`;
        findings.push({ rule: 'one-of-each', where: name, message });
      }
      isTaken = true;
    }
    return findings;
  });
}

function checkIdentifications(elements: readonly ProfileElement[]): Finding[] {
  const findings: Finding[] = [];
  const users = new Map<number, string>();
  for (const element of elements) {
    if (element.name === 'unknown') continue; // its structure is unknown
    try {
      const { identification } = peHeaderOf(element) ?? {};
      if (identification === undefined) continue;
      const other = users.get(identification);
      if (other !== undefined) {
        const message = `expected another number than ${other} has, got ${identification}`;
        findings.push({ rule: 'identification-unique', where: element.name, message });
      }
      users.set(identification, element.name);
    } catch (error) {
      if (!(error instanceof SaipError)) throw error;
      findings.push({ rule: 'decodable', where: error.where, message: error.message });
    }
  }
  return findings;
}

function countOf(elements: readonly ProfileElement[], name: string): number {
  return elements.filter((element) => element.name === name).length;
}
