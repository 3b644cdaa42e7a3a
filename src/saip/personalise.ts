// Makes a subscription's package from a template: each value is set in every element that contains it, a missing
// element is an error, and the result is read back before it is returned.
import { ALGORITHM_SERVICES, algorithmServicesOf } from './algorithm-services.ts';
import type { AlgorithmService } from './algorithm-services.ts';
import { PIN_KEY_REFERENCES, PUK_KEY_REFERENCES } from './codes.ts';
import { editFile, missingTarget } from './edit-file.ts';
import { encodeEfIccid, encodeHeaderIccid } from './ef-iccid.ts';
import { accessClassOf, encodeEfAcc, encodeEfImsi } from './ef-imsi.ts';
import { decodeEfMsisdn, decodeEfSmsp, encodeEfMsisdn, encodeEfSmsp } from './ef-msisdn.ts';
import { encodeEfSpn } from './ef-spn.ts';
import { readIdentity } from './identity.ts';
import type { PackageIdentity } from './identity.ts';
import { shareTemplate, ownElementsOf } from './shared-template.ts';
import type { SharedTemplate } from './shared-template.ts';
import { setOtaKeys } from './ota-keys.ts';
import { expectedIms, setIms } from './personalise-ims.ts';
import {
  decodeProfileElement,
  encodeProfilePackage,
  splitProfilePackage,
} from './profile-element.ts';
import type { ProfileElement } from './profile-element.ts';
import { SaipError } from './saip-error.ts';
import type { KeyObject } from './security-domain.ts';
import { algoParameterOf, encodeAdm, encodePin, encodePuk } from './subscription.ts';
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
  const elements = [...template.elements];
  setIccid(elements, subscription.iccid);
  setImsi(elements, subscription);
  setAka(elements, subscription);
  setCodes(elements, subscription);
  for (const key of subscription.sdKeys ?? []) setSecurityDomainKey(elements, key);
  setOtaKeys(elements, subscription.otaKeys ?? []);
  setNumbers(elements, subscription);
  if (subscription.spn) {
    const content = encodeEfSpn(subscription.spn);
    editFile(elements, 'usim', 'ef-spn', () => content);
  }
  setIms(elements, subscription);
  const upp = encodeProfilePackage(elements);
  return { upp, elements: readBack(upp, elements, subscription) };
}

function setIccid(elements: ProfileElement[], iccid: string): void {
  const headers = ownElementsOf(elements, 'header');
  if (headers.length === 0) throw missingTarget('header', 'the ICCID');
  for (const { value } of headers) value.iccid = encodeHeaderIccid(iccid);
  const content = encodeEfIccid(iccid);
  editFile(elements, 'mf', 'ef-iccid', () => content);
}

function setImsi(elements: ProfileElement[], subscription: Subscription): void {
  const { imsi, mncLength, accessClasses = [accessClassOf(imsi)] } = subscription;
  const content = encodeEfImsi(imsi);
  const acc = encodeEfAcc(accessClasses);
  editFile(elements, 'usim', 'ef-imsi', () => content);
  editFile(elements, 'usim', 'ef-acc', () => acc);
  editFile(elements, 'usim', 'ef-ad', (old) => Uint8Array.of(...old.subarray(0, 3), mncLength));
}

/** Every element with keys gets the subscription's; one that refers to another NAA needs no change. */
function setAka(elements: ProfileElement[], { aka }: Subscription): void {
  const before = algorithmServicesOf(elements);
  let isFound = false;
  for (const { value } of ownElementsOf(elements, 'akaParameter')) {
    const { algoConfiguration } = value;
    if (algoConfiguration.choice !== 'algoParameter') continue;
    isFound = true;
    value.algoConfiguration = {
      choice: 'algoParameter',
      value: algoParameterOf(aka, algoConfiguration.value),
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

function setCodes(elements: ProfileElement[], subscription: Subscription): void {
  const { pin1, pin2, puk1, puk2, adm = {} } = subscription;
  const { pinAppl1, secondPINAppl1 } = PIN_KEY_REFERENCES;
  if (pin1 !== undefined) setPin(elements, 'pin1', pinAppl1, encodePin('subscription/pin1', pin1));
  if (pin2 !== undefined) {
    setPin(elements, 'pin2', secondPINAppl1, encodePin('subscription/pin2', pin2));
  }
  for (const [name, code] of Object.entries(adm) as [keyof typeof adm, string][]) {
    setPin(elements, name, PIN_KEY_REFERENCES[name], encodeAdm(`subscription/adm/${name}`, code));
  }
  const { pukAppl1, secondPUKAppl1 } = PUK_KEY_REFERENCES;
  if (puk1 !== undefined) setPuk(elements, 'puk1', pukAppl1, encodePuk('subscription/puk1', puk1));
  if (puk2 !== undefined) {
    setPuk(elements, 'puk2', secondPUKAppl1, encodePuk('subscription/puk2', puk2));
  }
}

/** A local PIN has one entry per NAA; all get the same value. */
function setPin(
  elements: ProfileElement[],
  what: string,
  keyReference: number,
  pinValue: Uint8Array,
): void {
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
  if (!isFound) throw missingTarget(`pinCodes/${keyReference}`, what);
}

function setPuk(
  elements: ProfileElement[],
  what: string,
  keyReference: number,
  pukValue: Uint8Array,
): void {
  let isFound = false;
  for (const { value } of ownElementsOf(elements, 'pukCodes')) {
    value.pukCodes = value.pukCodes.map((entry) => {
      if (entry.keyReference !== keyReference) return entry;
      isFound = true;
      return { ...entry, pukValue };
    });
  }
  if (!isFound) throw missingTarget(`pukCodes/${keyReference}`, what);
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

function setNumbers(elements: ProfileElement[], { msisdn, serviceCentre }: Subscription): void {
  if (msisdn !== undefined) {
    editFile(elements, 'opt-usim', 'ef-msisdn', (old, { recordSize }) => {
      const { alpha } = decodeEfMsisdn(old.subarray(0, recordSize));
      return encodeEfMsisdn({ alpha, number: msisdn }, recordSize);
    });
  }
  if (serviceCentre !== undefined) {
    editFile(elements, 'usim', 'ef-smsp', (old, { recordSize }) => {
      const smsp = decodeEfSmsp(old.subarray(0, recordSize));
      return encodeEfSmsp({ ...smsp, serviceCentre }, recordSize);
    });
  }
}

/** Decodes the result, and compares its bytes and the values that it must contain. */
function readBack(
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
