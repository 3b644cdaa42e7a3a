// Makes the package of one subscription from a template: each value goes to every element that holds it, an element that
// is not there is an error, and what was written is read back before it is given out.
import { PIN_KEY_REFERENCES, PUK_KEY_REFERENCES } from './codes.ts';
import { encodeEfIccid, encodeHeaderIccid } from './ef-iccid.ts';
import {
  accessClassOf,
  decodeEfAd,
  DEFAULT_AD,
  encodeEfAcc,
  encodeEfAd,
  encodeEfImsi,
} from './ef-imsi.ts';
import { decodeEfMsisdn, decodeEfSmsp, encodeEfMsisdn, encodeEfSmsp } from './ef-msisdn.ts';
import { encodeEfSpn } from './ef-spn.ts';
import {
  fcpOf,
  isNotCreated,
  layoutOf,
  readFile,
  recordSizeOf,
  toBytes,
  toNumber,
  writeFile,
} from './file-content.ts';
import type { FileLayout } from './file-content.ts';
import { CREATED_BY_DEFAULT } from './file-template.ts';
import type { Fcp, File } from './file.ts';
import { filesOf, identityOf, templateIdOf } from './identity.ts';
import { encodeImsValue, imsIdentityOf, imsObject } from './ims-identity.ts';
import type { ImsIdentity } from './ims-identity.ts';
import {
  decodeProfilePackage,
  elementsOf,
  encodeProfilePackage,
  isTyped,
} from './profile-element.ts';
import type { ProfileElement, TypedElement, TypedName } from './profile-element.ts';
import { ALGORITHM_SERVICES, algorithmServicesOf } from './algorithm-services.ts';
import type { AlgorithmService } from './algorithm-services.ts';
import { SaipError } from './saip-error.ts';
import { algoParameterOf, encodeAdm, encodePin, encodePuk } from './subscription.ts';
import type { SecurityDomainKey, Subscription } from './subscription.ts';

export function personalise(template: Uint8Array, subscription: Subscription): Uint8Array {
  const elements = decodeProfilePackage(template);
  setIccid(elements, subscription.iccid);
  setImsi(elements, subscription);
  setAka(elements, subscription);
  setCodes(elements, subscription);
  for (const key of subscription.sdKeys ?? []) setSecurityDomainKey(elements, key);
  setNumbers(elements, subscription);
  if (subscription.spn) {
    const content = encodeEfSpn(subscription.spn);
    editFiles(elements, 'usim', 'ef-spn', () => content);
  }
  setIms(elements, subscription);
  const upp = encodeProfilePackage(elements);
  requireReadBack(upp, subscription);
  return upp;
}

function setIccid(elements: ProfileElement[], iccid: string): void {
  for (const { value } of elementsOf(elements, 'header')) value.iccid = encodeHeaderIccid(iccid);
  const content = encodeEfIccid(iccid);
  editFiles(elements, 'mf', 'ef-iccid', () => content);
}

function setImsi(elements: ProfileElement[], subscription: Subscription): void {
  const { imsi, mncLength, accessClasses = [accessClassOf(imsi)] } = subscription;
  const content = encodeEfImsi(imsi);
  const acc = encodeEfAcc(accessClasses);
  editFiles(elements, 'usim', 'ef-imsi', () => content);
  editFiles(elements, 'usim', 'ef-acc', () => acc);
  editFiles(elements, 'usim', 'ef-ad', (old) => {
    const ad = old.length >= 4 ? decodeEfAd(old) : DEFAULT_AD;
    return encodeEfAd({ ...ad, mncLength });
  });
}

/** Every element with keys of its own gets the subscription's; one that maps to another NAA follows that. */
function setAka(elements: ProfileElement[], { aka }: Subscription): void {
  const before = algorithmServicesOf(elements);
  let isFound = false;
  for (const { value } of elementsOf(elements, 'akaParameter')) {
    const { algoConfiguration } = value;
    if (algoConfiguration.choice !== 'algoParameter') continue;
    isFound = true;
    value.algoConfiguration = {
      choice: 'algoParameter',
      value: algoParameterOf(aka, algoConfiguration.value),
    };
  }
  if (!isFound) throw missing('akaParameter/algoParameter', 'keys');
  const after = algorithmServicesOf(elements);
  if (before.symmetricDifference(after).size > 0) setAlgorithmServices(elements, after);
}

/** The header names the algorithms that the eUICC must have, so it follows a change of algorithm. */
function setAlgorithmServices(elements: ProfileElement[], used: Set<AlgorithmService>): void {
  for (const { value } of elementsOf(elements, 'header')) {
    const services = value['eUICC-Mandatory-services'];
    for (const name of ALGORITHM_SERVICES) {
      if (used.has(name)) services[name] = true;
      else delete services[name];
    }
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
  const entries = elementsOf(elements, 'pinCodes')
    .map(({ value }) => value.pinCodes)
    .flatMap((codes) => (codes.choice === 'pinconfig' ? codes.value : []))
    .filter((entry) => entry.keyReference === keyReference);
  if (entries.length === 0) throw missing(`pinCodes/${keyReference}`, what);
  for (const entry of entries) entry.pinValue = pinValue;
}

function setPuk(
  elements: ProfileElement[],
  what: string,
  keyReference: number,
  pukValue: Uint8Array,
): void {
  const entries = elementsOf(elements, 'pukCodes')
    .flatMap(({ value }) => value.pukCodes)
    .filter((entry) => entry.keyReference === keyReference);
  if (entries.length === 0) throw missing(`pukCodes/${keyReference}`, what);
  for (const entry of entries) entry.pukValue = pukValue;
}

function setSecurityDomainKey(elements: ProfileElement[], sdKey: SecurityDomainKey): void {
  const where = `securityDomain/key ${sdKey.version}/${sdKey.id}`;
  const matching = elementsOf(elements, 'securityDomain')
    .flatMap(({ value }) => value.keyList ?? [])
    .filter(
      ({ keyVersionNumber, keyIdentifier }) =>
        keyVersionNumber[0] === sdKey.version && keyIdentifier[0] === sdKey.id,
    );
  const [target, ...others] = matching;
  if (!target) throw missing(where, 'a key');
  const [component, ...more] = target.keyComponents;
  if (others.length > 0 || more.length > 0 || !component) {
    throw new SaipError('ambiguous-target', where, 'one key of one component', 'several');
  }
  if (component.keyData.length !== sdKey.key.length) {
    const expected = `${component.keyData.length} bytes as in the template`;
    throw new SaipError('bad-size', where, expected, `${sdKey.key.length}`);
  }
  component.keyData = sdKey.key;
}

function setNumbers(elements: ProfileElement[], { msisdn, serviceCentre }: Subscription): void {
  if (msisdn !== undefined) {
    editFiles(elements, 'opt-usim', 'ef-msisdn', (old, { recordSize }) => {
      const { alpha } = decodeEfMsisdn(old.subarray(0, recordSize));
      return encodeEfMsisdn({ alpha, number: msisdn }, recordSize);
    });
  }
  if (serviceCentre !== undefined) {
    editFiles(elements, 'usim', 'ef-smsp', (old, { recordSize }) => {
      const smsp = decodeEfSmsp(old.subarray(0, recordSize));
      return encodeEfSmsp({ ...smsp, serviceCentre }, recordSize);
    });
  }
}

function setIms(elements: ProfileElement[], subscription: Subscription): void {
  const expected = expectedIms(elements, subscription);
  if (!expected) {
    if (subscription.ims) throw missing('isim', 'IMS identities');
    return;
  }
  const { impi, impu, domain } = expected;
  setTransparent(elements, 'ef-impi', impi);
  setTransparent(elements, 'ef-domain', domain);
  if (impu.length === 0) {
    throw new SaipError('bad-size', 'subscription/ims/impu', '1 identity or more', '0');
  }
  const needed = Math.max(...impu.map((uri) => imsObject(uri).length));
  resizeFiles(elements, 'ef-impu', (fcp) => {
    const size = Math.max(needed, recordSizeOf(fcp) ?? 0);
    const records = Math.max(impu.length, recordCount(fcp));
    const [first = 0x42, second = 0x21] = fcp.fileDescriptor ?? [];
    return {
      ...fcp,
      fileDescriptor: Uint8Array.of(first, second, size >> 8, size & 0xff),
      efFileSize: toBytes(size * records),
    };
  });
  editFiles(elements, 'isim', 'ef-impu', (old, layout) => {
    const content = new Uint8Array(old.length).fill(0xff);
    impu.forEach((uri, i) => {
      content.set(encodeImsValue('ef-impu', uri, layout.recordSize), i * layout.recordSize);
    });
    return content;
  });
}

/** An ISIM always gets the subscription's identities: those given, else those that its IMSI gives. */
function expectedIms(
  elements: readonly ProfileElement[],
  { imsi, mncLength, ims }: Subscription,
): ImsIdentity | undefined {
  if (elementsOf(elements, 'isim').length === 0) return undefined;
  return { ...imsIdentityOf(imsi, mncLength), ...ims };
}

function setTransparent(
  elements: ProfileElement[],
  name: 'ef-impi' | 'ef-domain',
  text: string,
): void {
  const needed = imsObject(text).length;
  resizeFiles(elements, name, (fcp) => {
    const size = fcp.efFileSize ? toNumber(fcp.efFileSize) : 0;
    return { ...fcp, efFileSize: toBytes(Math.max(size, needed)) };
  });
  editFiles(elements, 'isim', name, (_, { size }) => encodeImsValue(name, text, size));
}

function recordCount(fcp: Fcp): number {
  const recordSize = recordSizeOf(fcp) ?? 0;
  return fcp.efFileSize && recordSize > 0 ? Math.floor(toNumber(fcp.efFileSize) / recordSize) : 1;
}

function resizeFiles(
  elements: ProfileElement[],
  name: 'ef-impi' | 'ef-impu' | 'ef-domain',
  resize: (fcp: Fcp) => Fcp,
): void {
  for (const { value } of elementsOf(elements, 'isim')) {
    const file = value[name];
    const others = file.filter((item) => item.choice !== 'fileDescriptor');
    value[name] = [{ choice: 'fileDescriptor', value: resize(fcpOf(file) ?? {}) }, ...others];
  }
}

/** Gives the file of this name in every such element a new content, made from the old one; what it leaves stays. */
function editFiles(
  elements: ProfileElement[],
  elementName: TypedName,
  name: string,
  edit: (old: Uint8Array, layout: FileLayout) => Uint8Array,
): void {
  const where = `${elementName}/${name}`;
  const targets = elements.filter(
    (element): element is TypedElement => isTyped(element) && element.name === elementName,
  );
  if (targets.length === 0) throw missing(elementName, name);
  for (const element of targets) {
    const present = filesOf(element)[name];
    // A template that makes its files by default makes this one too when the element is silent about it.
    const file = present ?? (CREATED_BY_DEFAULT.includes(elementName) ? [] : undefined);
    if (!file || isNotCreated(file)) throw missing(where, name);
    const layout = layoutOf(elementName, templateIdOf(element) ?? '', name, file);
    Object.assign(element.value, { [name]: edited(where, file, layout, edit) });
  }
}

function edited(
  where: string,
  file: File,
  layout: FileLayout | undefined,
  edit: (old: Uint8Array, layout: FileLayout) => Uint8Array,
): File {
  if (!layout) throw new SaipError('missing-element', where, 'a file size', 'none');
  const old = readFile(file, layout);
  const head = edit(old, layout);
  if (head.length > layout.size) {
    throw new SaipError('bad-size', where, `at most ${layout.size} bytes`, `${head.length}`);
  }
  return writeFile(file, layout, Uint8Array.of(...head, ...old.subarray(head.length)));
}

/** Decodes what is about to be given out, compares the bytes, and the values that must be in it. */
function requireReadBack(upp: Uint8Array, subscription: Subscription): void {
  const elements = decodeProfilePackage(upp);
  if (Buffer.compare(encodeProfilePackage(elements), upp) !== 0) {
    throw new SaipError('not-reproducible', 'profile package', 'the same bytes', 'others');
  }
  const { iccid, imsi, mncLength, msisdn, serviceCentre, spn } = subscription;
  const ims = expectedIms(elements, subscription);
  const identity = identityOf(elements);
  const expected: [string, unknown, unknown][] = [
    ['header/iccid', iccid, identity.iccid],
    ['mf/ef-iccid', iccid, identity.efIccid],
    ['usim/ef-imsi', imsi, identity.imsi],
    ['usim/ef-ad', mncLength, identity.administrativeData?.mncLength],
    ['opt-usim/ef-msisdn', msisdn ?? identity.msisdn, identity.msisdn],
    ['usim/ef-smsp', serviceCentre ?? identity.serviceCentre, identity.serviceCentre],
    ['usim/ef-spn', spn?.name ?? identity.spn?.name, identity.spn?.name],
    ['isim/ef-impi', ims?.impi ?? identity.impi, identity.impi],
    ['isim/ef-domain', ims?.domain ?? identity.domain, identity.domain],
    ['isim/ef-impu', (ims?.impu ?? identity.impu)?.join(), identity.impu?.join()],
  ];
  for (const [where, wanted, found] of expected) {
    if (wanted !== found) {
      throw new SaipError('not-reproducible', where, String(wanted), String(found));
    }
  }
}

function missing(where: string, what: string): SaipError {
  return new SaipError('missing-target', where, `a place for ${what}`, 'none in the template');
}
