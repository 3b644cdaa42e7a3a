// Checks a profile package before it is sent: order and number of elements, identities, services, files, codes and
// keys. Reports all findings, each with the rule that it breaks. Passing is no proof that an eUICC will accept the
// profile.
import type { PackageIdentity } from './identity.ts';
import { readIdentity } from './identity.ts';
import type { MncLength } from './ef-imsi.ts';
import { checkFiles } from './check-files.ts';
import { checkOrder } from './check-order.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkServices } from './check-services.ts';
import type { ProfileElement } from './profile-element.ts';
import { decodeProfilePackage } from './profile-element.ts';
import { SaipError } from './saip-error.ts';

export type CheckRule =
  | 'decodable' // every typed element decodes
  | 'readable-identity' // the identity files decode
  | 'header-first'
  | 'mf-second'
  | 'end-last'
  | 'one-of-each'
  | 'after-its-naa'
  | 'identification-unique'
  | 'template-listed' // eUICC-Mandatory-GFSTEList names exactly the templates in use
  | 'service-used' // a mandatory service that nothing in the package needs
  | 'service-listed' // an application or algorithm in the package that the header does not announce
  | 'file-form' // doNotCreate alone, one descriptor and in front
  | 'file-required' // a required file is present and has content
  | 'file-size'
  | 'fill-pattern'
  | 'directory-unique' // AIDs and temporary file IDs
  | 'pin-value'
  | 'pin-scope' // global codes in the MF, local ones elsewhere
  | 'pin-unique'
  | 'puk-reference'
  | 'aka-present'
  | 'aka-key'
  | 'security-domain-key'
  | 'placeholder-secret' // a key or code that is still the template's zero
  | 'iccid-equal'
  | 'identity-expected';

export interface Finding {
  rule: CheckRule;
  where: string;
  message: string;
}

export interface ExpectedIdentity {
  iccid?: string;
  imsi?: string;
  mncLength?: MncLength;
}

export function checkProfilePackage(upp: Uint8Array, expected: ExpectedIdentity = {}): Finding[] {
  let elements: ProfileElement[];
  try {
    elements = decodeProfilePackage(upp);
  } catch (error) {
    return [findingOf('decodable', error)];
  }
  return checkElements(elements, expected);
}

/** The same for a decoded package. */
export function checkElements(
  elements: readonly ProfileElement[],
  expected: ExpectedIdentity = {},
): Finding[] {
  return [
    ...checkOrder(elements),
    ...checkServices(elements),
    ...checkFiles(elements),
    ...checkSecrets(elements),
    ...checkIdentity(elements, expected),
  ];
}

function checkIdentity(elements: readonly ProfileElement[], expected: ExpectedIdentity): Finding[] {
  const findings: Finding[] = [];
  const read = <K extends keyof PackageIdentity>(key: K): PackageIdentity[K] | undefined => {
    try {
      return readIdentity(elements, key);
    } catch (error) {
      findings.push(findingOf('readable-identity', error));
      return undefined;
    }
  };
  type Value = string | number | undefined;
  const require = (rule: CheckRule, where: string, wanted: Value, got: Value): void => {
    if (wanted === undefined || wanted === got) return;
    findings.push({ rule, where, message: `expected ${wanted}, got ${got ?? 'none'}` });
  };
  const [iccid, efIccid, imsi] = [read('iccid'), read('efIccid'), read('imsi')];
  const mncLength = read('administrativeData')?.mncLength;
  for (const key of ALSO_READ) read(key);
  require('iccid-equal', 'mf/ef-iccid', iccid, efIccid);
  require('identity-expected', 'header/iccid', expected.iccid, iccid);
  require('identity-expected', 'usim/ef-imsi', expected.imsi, imsi);
  require('identity-expected', 'usim/ef-ad', expected.mncLength, mncLength);
  return findings;
}

const ALSO_READ = [
  'accessClasses',
  'spn',
  'msisdn',
  'serviceCentre',
  'impi',
  'impu',
  'domain',
] as const satisfies (keyof PackageIdentity)[];

/** Converts a decoding error to a finding; rethrows any other, which is a bug. */
function findingOf(rule: CheckRule, error: unknown): Finding {
  if (!(error instanceof SaipError)) throw error;
  return { rule, where: error.where, message: error.message };
}
