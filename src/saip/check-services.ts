// Rules of `check`: compares what the ProfileHeader requires of the eUICC with what the package uses.
import { ALGORITHM_SERVICES, algorithmServicesOf } from './algorithm-services.ts';
import type { Finding } from './check.ts';
import { fcpOf, structureOf } from './file-content.ts';
import type { Fcp, PEGenericFileManagement } from './file.ts';
import { filesOf, templateIdOf } from './identity.ts';
import { oncePerKept } from './kept.ts';
import { elementsOf, isTyped } from './profile-element.ts';
import type { ElementName, ProfileElement } from './profile-element.ts';
import type { ServicesList } from './profile-header.ts';

type Service = Exclude<keyof ServicesList, '...'>;

const APPLICATIONS = ['usim', 'isim', 'csim'] as const;

/** Services that require another element; other requirements are not visible in a package. */
const BESIDE: readonly (readonly [Service, readonly ElementName[]])[] = [
  ['gba-usim', ['usim']],
  ['gba-isim', ['isim']],
  ['mbms', ['usim']],
  ['multiple-usim', ['usim']],
  ['multiple-isim', ['isim']],
  ['multiple-csim', ['csim']],
  ['get-identity', ['usim', 'isim', 'iot']],
  ['profile-a-x25519', ['usim', 'isim', 'iot']],
  ['profile-b-p256', ['usim', 'isim', 'iot']],
  ['cave', ['cdmaParameter']],
  ['eap', ['eap']],
  ['javacard', ['application', 'securityDomain']],
];

export function checkServices(elements: readonly ProfileElement[]): Finding[] {
  const header = elementsOf(elements, 'header')[0]?.value;
  if (!header) return [];
  return [
    ...checkNeeded(elements, header['eUICC-Mandatory-services']),
    ...checkBeside(elements, header['eUICC-Mandatory-services']),
    ...checkTemplates(elements, header['eUICC-Mandatory-GFSTEList']),
  ];
}

function checkNeeded(elements: readonly ProfileElement[], services: ServicesList): Finding[] {
  const names = new Set<string>(elements.map(({ name }) => name));
  const algorithms = algorithmServicesOf(elements);
  const needs: [Service, boolean][] = [
    ...APPLICATIONS.map((name): [Service, boolean] => [name, names.has(name)]),
    ...ALGORITHM_SERVICES.map((name): [Service, boolean] => [name, algorithms.has(name)]),
    ['ber-tlv', hasBerTlvFile(elements)],
  ];
  return needs.flatMap(([service, isNeeded]): Finding[] => {
    const isListed = services[service] === true;
    const where = `header/eUICC-Mandatory-services/${service}`;
    if (isNeeded && !isListed) {
      const message = `expected ${service}, which the package uses, got none`;
      return [{ rule: 'service-listed', where, message }];
    }
    if (isListed && !isNeeded) {
      return [{ rule: 'service-used', where, message: `expected a use of ${service}, got none` }];
    }
    return [];
  });
}

function checkBeside(elements: readonly ProfileElement[], services: ServicesList): Finding[] {
  const names = new Set<string>(elements.map(({ name }) => name));
  return BESIDE.filter(
    ([service, any]) => services[service] === true && !any.some((name) => names.has(name)),
  ).map(([service, any]) => ({
    rule: 'service-used',
    where: `header/eUICC-Mandatory-services/${service}`,
    message: `expected ${any.join(' or ')} for ${service}, got none`,
  }));
}

function checkTemplates(elements: readonly ProfileElement[], listed: readonly string[]): Finding[] {
  const where = 'header/eUICC-Mandatory-GFSTEList';
  const used = new Set(elements.filter(isTyped).flatMap((element) => templateIdOf(element) ?? []));
  const missing = [...used].filter((oid) => !listed.includes(oid));
  // With untyped elements, a template that seems unused may be used by one of them.
  const isWhole = elements.every(isTyped);
  const unused = isWhole ? listed.filter((oid) => !used.has(oid)) : [];
  return [
    ...missing.map((oid): Finding => {
      return {
        rule: 'template-listed',
        where,
        message: `expected ${oid}, which is used, got none`,
      };
    }),
    ...unused.map((oid): Finding => {
      return { rule: 'template-listed', where, message: `expected a use of ${oid}, got none` };
    }),
  ];
}

function hasBerTlvFile(elements: readonly ProfileElement[]): boolean {
  return elements
    .filter(isTyped)
    .some(
      (element) =>
        filesOf(element).some(([, file]) => isBerTlv(fcpOf(file))) ||
        (element.name === 'genericFileManagement' && managesBerTlvFile(element.value)),
    );
}

const managesBerTlvFile = oncePerKept(({ fileManagementCMD }: PEGenericFileManagement) =>
  fileManagementCMD
    .flat()
    .some((command) => command.choice === 'createFCP' && isBerTlv(command.value)),
);

function isBerTlv(fcp: Fcp | undefined): boolean {
  return fcp !== undefined && structureOf(fcp) === 'ber-tlv';
}
