// Makes a subscription's package from a template: each value is set in every element that contains it, a missing
// element is an error, and the result is read back before it is returned.
import { ALGORITHM_SERVICES, algorithmServicesOf } from './algorithm-services.ts';
import type { AlgorithmService } from './algorithm-services.ts';
import { compose } from './composed.ts';
import { editFile, missingTarget } from './edit-file.ts';
import { composeEfMsisdn, composeEfSmsp, decodeEfMsisdn, decodeEfSmsp } from './ef-msisdn.ts';
import { readIdentity } from './identity.ts';
import type { PackageIdentity } from './identity.ts';
import { shareTemplate, ownElementsOf } from './shared-template.ts';
import type { SharedTemplate } from './shared-template.ts';
import { setOtaKeys } from './ota-keys.ts';
import { expectedIms, personalisationOf } from './personalisation.ts';
import type { Code, Personalisation } from './personalisation.ts';
import { setIms } from './personalise-ims.ts';
import {
  decodeProfileElement,
  elementsOf,
  encodeProfilePackage,
  splitProfilePackage,
} from './profile-element.ts';
import type { ProfileElement } from './profile-element.ts';
import { SaipError } from './saip-error.ts';
import type { KeyObject } from './security-domain.ts';
import { algoParameterOf } from './subscription.ts';
import type { SecurityDomainKey, Subscription } from './subscription.ts';

/** A personalised profile package, and its elements as read back from its bytes. */
export interface PersonalisedPackage {
  readonly upp: Uint8Array;
  readonly elements: readonly ProfileElement[];
}

/** Makes the package of a single subscription; for many from one template, see `personaliseShared`. */
export function personalise(template: Uint8Array, subscription: Subscription): Uint8Array {
  return personaliseShared(shareTemplate(template), subscription).upp;
}

export function personaliseShared(
  template: SharedTemplate,
  subscription: Subscription,
): PersonalisedPackage {
  const elements = personaliseElements(
    template,
    personalisationOf(template.elements, subscription),
  );
  if (subscription.ims && elementsOf(elements, 'isim').length === 0) {
    throw missingTarget('isim', 'IMS identities');
  }
  const upp = encodeProfilePackage(elements);
  return { upp, elements: readBack(upp, elements, subscription) };
}

/** The template's elements with these values in every place that they have. */
export function personaliseElements(
  template: SharedTemplate,
  personalisation: Personalisation,
): ProfileElement[] {
  const elements = [...template.elements];
  setIccid(elements, personalisation);
  setImsi(elements, personalisation);
  setAka(elements, personalisation);
  for (const pin of personalisation.pinCodes) setPin(elements, pin);
  for (const puk of personalisation.pukCodes) setPuk(elements, puk);
  for (const key of personalisation.sdKeys) setSecurityDomainKey(elements, key);
  setOtaKeys(elements, personalisation.otaKeys);
  setNumbers(elements, personalisation);
  const { efSpn, ims } = personalisation;
  if (efSpn) editFile(elements, 'usim', 'ef-spn', () => efSpn);
  if (ims) setIms(elements, ims);
  return elements;
}

function setIccid(elements: ProfileElement[], { iccid, efIccid }: Personalisation): void {
  const headers = ownElementsOf(elements, 'header');
  if (headers.length === 0) throw missingTarget('header', 'the ICCID');
  for (const { value } of headers) value.iccid = iccid;
  editFile(elements, 'mf', 'ef-iccid', () => efIccid);
}

function setImsi(elements: ProfileElement[], { efImsi, efAcc, mncLength }: Personalisation): void {
  editFile(elements, 'usim', 'ef-imsi', () => efImsi);
  editFile(elements, 'usim', 'ef-acc', () => efAcc);
  editFile(elements, 'usim', 'ef-ad', (old) => compose(old.subarray(0, 3), mncLength));
}

/** Every element with keys gets the subscription's; one that refers to another NAA needs no change. */
function setAka(elements: ProfileElement[], { algoKeys }: Personalisation): void {
  const before = algorithmServicesOf(elements);
  let isFound = false;
  for (const { value } of ownElementsOf(elements, 'akaParameter')) {
    const { algoConfiguration } = value;
    if (algoConfiguration.choice !== 'algoParameter') continue;
    isFound = true;
    value.algoConfiguration = {
      choice: 'algoParameter',
      value: algoParameterOf(algoKeys, algoConfiguration.value),
    };
  }
  if (!isFound) throw missingTarget('akaParameter/algoParameter', 'keys');
  const after = algorithmServicesOf(elements);
  if (before.symmetricDifference(after).size > 0) setAlgorithmServices(elements, after);
}

/** The header lists the algorithms that the eUICC must support, so it follows a change of algorithm. */
function setAlgorithmServices(elements: ProfileElement[], used: Set<AlgorithmService>): void {
  for (const { value } of ownElementsOf(elements, 'header')) {
    const services = { ...value['eUICC-Mandatory-services'] };
    for (const name of ALGORITHM_SERVICES) {
      if (used.has(name)) services[name] = true;
      else delete services[name];
    }
    value['eUICC-Mandatory-services'] = services;
  }
}

/** A local PIN has one entry per NAA; all get the same value. */
function setPin(elements: ProfileElement[], { name, keyReference, value: pinValue }: Code): void {
  let isFound = false;
  for (const { value } of ownElementsOf(elements, 'pinCodes')) {
    if (value.pinCodes.choice !== 'pinconfig') continue;
    const pins = value.pinCodes.value.map((entry) => {
      if (entry.keyReference !== keyReference) return entry;
      isFound = true;
      return { ...entry, pinValue };
    });
    value.pinCodes = { choice: 'pinconfig', value: pins };
  }
  if (!isFound) throw missingTarget(`pinCodes/${keyReference}`, name);
}

function setPuk(elements: ProfileElement[], { name, keyReference, value: pukValue }: Code): void {
  let isFound = false;
  for (const { value } of ownElementsOf(elements, 'pukCodes')) {
    value.pukCodes = value.pukCodes.map((entry) => {
      if (entry.keyReference !== keyReference) return entry;
      isFound = true;
      return { ...entry, pukValue };
    });
  }
  if (!isFound) throw missingTarget(`pukCodes/${keyReference}`, name);
}

function setSecurityDomainKey(elements: ProfileElement[], sdKey: SecurityDomainKey): void {
  const where = `securityDomain/key ${sdKey.version}/${sdKey.id}`;
  const domains = ownElementsOf(elements, 'securityDomain');
  const isTarget = ({ keyVersionNumber, keyIdentifier }: KeyObject): boolean =>
    keyVersionNumber[0] === sdKey.version && keyIdentifier[0] === sdKey.id;
  const [target, ...others] = domains.flatMap(({ value }) =>
    (value.keyList ?? []).filter(isTarget),
  );
  if (!target) throw missingTarget(where, 'a key');
  const [component, ...more] = target.keyComponents;
  if (others.length > 0 || more.length > 0 || !component) {
    throw new SaipError('ambiguous-target', where, 'one key of one component', 'several');
  }
  if (component.keyData.length !== sdKey.key.length) {
    const expected = `${component.keyData.length} bytes as in the template`;
    throw new SaipError('bad-size', where, expected, `${sdKey.key.length}`);
  }
  const written = { ...target, keyComponents: [{ ...component, keyData: sdKey.key }] };
  for (const { value } of domains) {
    if (!value.keyList?.includes(target)) continue;
    value.keyList = value.keyList.map((object) => (object === target ? written : object));
  }
}

function setNumbers(elements: ProfileElement[], { msisdn, serviceCentre }: Personalisation): void {
  if (msisdn !== undefined) {
    editFile(elements, 'opt-usim', 'ef-msisdn', (old, { recordSize }) =>
      composeEfMsisdn(decodeEfMsisdn(old.subarray(0, recordSize)), msisdn, recordSize),
    );
  }
  if (serviceCentre !== undefined) {
    editFile(elements, 'usim', 'ef-smsp', (old, { recordSize }) =>
      composeEfSmsp(decodeEfSmsp(old.subarray(0, recordSize)), serviceCentre, recordSize),
    );
  }
}

/** Decodes the result, and compares its bytes and the values that it must contain. */
export function readBack(
  upp: Uint8Array,
  meant: readonly ProfileElement[],
  subscription: Subscription,
): ProfileElement[] {
  const elements = splitProfilePackage(upp).map((raw, i) => {
    const element = decodeProfileElement(raw, meant[i]);
    if (Buffer.compare(encodeProfilePackage([element], raw.bytes.length), raw.bytes) !== 0) {
      throw new SaipError('not-reproducible', raw.name, 'the same bytes', 'others');
    }
    return element;
  });
  const { iccid, imsi, mncLength, msisdn, serviceCentre, spn } = subscription;
  const { impi, impu, domain } = expectedIms(elements, subscription) ?? {};
  const read = <K extends keyof PackageIdentity>(key: K) => readIdentity(elements, key);
  requireSame('header/iccid', iccid, () => read('iccid'));
  requireSame('mf/ef-iccid', iccid, () => read('efIccid'));
  requireSame('usim/ef-imsi', imsi, () => read('imsi'));
  requireSame('usim/ef-ad', mncLength, () => read('administrativeData')?.mncLength);
  requireSame('opt-usim/ef-msisdn', msisdn, () => read('msisdn'));
  requireSame('usim/ef-smsp', serviceCentre, () => read('serviceCentre'));
  requireSame('usim/ef-spn', spn?.name, () => read('spn')?.name);
  requireSame('isim/ef-impi', impi, () => read('impi'));
  requireSame('isim/ef-domain', domain, () => read('domain'));
  requireSame('isim/ef-impu', impu?.join(), () => read('impu')?.join());
  return elements;
}

function requireSame<T extends string | number>(
  where: string,
  wanted: T | undefined,
  read: () => T | undefined,
): void {
  if (wanted === undefined) return;
  const found = read();
  if (found !== wanted) {
    throw new SaipError('not-reproducible', where, `${wanted}`, `${found ?? 'none'}`);
  }
}
