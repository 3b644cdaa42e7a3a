// Finds values that all packages made from a template share although each subscription should have its own: secrets,
// and identities that subscriptions do not supply. TCA profile package, ASN.1 module PEDefinitions.
import { PIN_KEY_REFERENCES, PUK_KEY_REFERENCES } from './codes.ts';
import type { File } from './file.ts';
import { filesOf } from './identity.ts';
import { lookOverOpaque } from './not-personalised-opaque.ts';
import { isTyped } from './profile-element.ts';
import type { ElementValue, ProfileElement, TypedElement } from './profile-element.ts';
import type { KeyObject } from './security-domain.ts';

/** Reports a finding; by default, a secret. */
export type Add = (where: string, what: string, kind?: 'secret' | 'derivable' | 'identity') => void;

export interface NotPersonalised {
  /** `cdmaParameter/ssd`, `securityDomain/key 1/2`. */
  where: string;
  what: string;
  isSecret: boolean;
  /** Whether each subscription gets its own value if the template has zeros. */
  canBeDerived: boolean;
}

/** In the order of the elements, each place once, without the values of secrets. */
export function findNotPersonalised(elements: readonly ProfileElement[]): NotPersonalised[] {
  const found = new Map<string, NotPersonalised>();
  const add: Add = (where, what, kind = 'secret') => {
    if (found.has(where)) return;
    const canBeDerived = kind === 'derivable';
    found.set(where, { where, what, isSecret: kind !== 'identity', canBeDerived });
  };
  for (const element of elements) {
    if (isTyped(element)) lookOver(element, add);
    else lookOverOpaque(element, add);
  }
  return [...found.values()];
}

function lookOver(element: TypedElement, add: Add): void {
  if (element.name === 'pinCodes') ofPins(element.value, add);
  if (element.name === 'pukCodes') ofPuks(element.value, add);
  if (element.name === 'securityDomain') ofSecurityDomain(element.value, add);
  for (const [name, file] of filesOf(element)) ofFile(element.name, name, file, add);
}

const { pinAppl1, secondPINAppl1 } = PIN_KEY_REFERENCES;
export const ADM_NAMES = new Map<number, string>(
  Object.entries(PIN_KEY_REFERENCES).flatMap(([name, reference]) =>
    name.startsWith('adm') ? [[reference, name.toUpperCase()]] : [],
  ),
);

/** PIN 1 and PIN 2 are exempt: the user may change them, and their initial values are known. */
function ofPins({ pinCodes }: ElementValue<'pinCodes'>, add: Add): void {
  if (pinCodes.choice !== 'pinconfig') return;
  for (const { keyReference, pinValue } of pinCodes.value) {
    const adm = ADM_NAMES.get(keyReference);
    if (keyReference === pinAppl1 || keyReference === secondPINAppl1) continue;
    if (adm !== undefined && isZeroCode(pinValue)) continue;
    const where = `pinCodes/${keyReference}`;
    if (adm === undefined) add(where, `the PIN with reference ${keyReference}`);
    else add(where, adm, 'derivable');
  }
}

function ofPuks({ pukCodes }: ElementValue<'pukCodes'>, add: Add): void {
  const { pukAppl1, secondPUKAppl1 } = PUK_KEY_REFERENCES;
  for (const { keyReference, pukValue } of pukCodes) {
    const where = `pukCodes/${keyReference}`;
    const number = { [pukAppl1]: 1, [secondPUKAppl1]: 2 }[keyReference];
    if (number === undefined) add(where, `the PUK with reference ${keyReference}`);
    else if (!isZeroCode(pukValue)) add(where, `PUK ${number}`, 'derivable');
  }
}

/** GP card specification §11.1.8: public keys and curve parameters. */
export const PUBLIC_KEY_TYPES = [0xa0, 0xa1, 0xb0, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xf0];
/** GP card specification §11.11: DGI 0070 contains data objects, not keys. */
const DGI_DATA_OBJECTS = 0x0070;

function ofSecurityDomain(value: ElementValue<'securityDomain'>, add: Add): void {
  const domain = `securityDomain ${value.instance.instanceAID.toHex().toUpperCase()}`;
  for (const key of value.keyList ?? []) ofKey(key, domain, add);
  const dgis = (value.sdPersoData ?? []).map(([high = 0, low = 0]) => high * 256 + low);
  if (dgis.some((dgi) => dgi !== DGI_DATA_OBJECTS)) {
    add(`${domain}/sdPersoData`, 'personalisation data, which may contain keys');
  } else if (dgis.length > 0) {
    add(
      `${domain}/sdPersoData`,
      'data objects, such as those of SCP81 with its identity',
      'identity',
    );
  }
  if (value.instance.processData !== undefined) {
    add(`${domain}/processData`, 'commands to the application, which may contain keys');
  }
}

function ofKey(
  { keyVersionNumber, keyIdentifier, keyComponents }: KeyObject,
  domain: string,
  add: Add,
) {
  const secrets = keyComponents.filter(
    ({ keyType, keyData }) =>
      !PUBLIC_KEY_TYPES.includes(keyType[0] ?? 0) && keyData.some((byte) => byte !== 0),
  );
  const [first] = secrets;
  if (first === undefined) return;
  const reference = `${keyVersionNumber[0]}/${keyIdentifier[0]}`;
  const what = `a key of ${first.keyData.length} bytes`;
  add(`${domain}/key ${reference}`, what, keyComponents.length === 1 ? 'derivable' : 'secret');
}

/** Files that contain keys when filled, by TS 31.102 §4.2 and §4.4. */
const KEY_FILES =
  'ef-keys ef-keysPS ef-hiddenkey ef-dck ef-gbabp ef-msk ef-muk ef-kc ef-kcgprs ef-5gauthkeys ef-eaka'.split(
    ' ',
  );
/** Files that identify the subscriber in forms that cannot be derived from an IMSI. */
const IDENTITY_FILES = ['ef-supinai', 'ef-supi-nai'];

function ofFile(element: string, name: string, file: File, add: Add): void {
  const isFilled = file.some(
    // 07: no key available (TS 31.102 §4.2.3).
    (item) =>
      item.choice === 'fillFileContent' && !item.value.every((byte) => [0, 7, 0xff].includes(byte)),
  );
  if (!isFilled) return;
  if (KEY_FILES.includes(name)) add(`${element}/${name}`, 'a file of keys');
  if (IDENTITY_FILES.includes(name)) add(`${element}/${name}`, 'names the subscriber', 'identity');
}

/** Eight digits 0: a placeholder for the subscription's code. */
function isZeroCode(code: Uint8Array): boolean {
  return code.every((byte) => byte === 0x30);
}
