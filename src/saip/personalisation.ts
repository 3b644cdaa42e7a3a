// A subscription encoded as the byte strings that personalising puts into profile elements: all that differs between
// packages with the same template and the same shape.
import { PIN_KEY_REFERENCES, PUK_KEY_REFERENCES } from './codes.ts';
import { encodeEfIccid, encodeHeaderIccid } from './ef-iccid.ts';
import { accessClassOf, encodeEfAcc, encodeEfImsi } from './ef-imsi.ts';
import { encodeNumber } from './ef-msisdn.ts';
import { encodeEfSpn } from './ef-spn.ts';
import { imsIdentityOf, imsObject } from './ims-identity.ts';
import type { ImsIdentity } from './ims-identity.ts';
import { elementsOf } from './profile-element.ts';
import type { ProfileElement } from './profile-element.ts';
import { algoKeysOf, encodeAdm, encodePin, encodePuk } from './subscription.ts';
import type { AlgoKeys, OtaKey, SecurityDomainKey, Subscription } from './subscription.ts';

/** A code of 8 bytes: for a PIN its pinValue, for a PUK its pukValue. */
export interface Code {
  name: string;
  keyReference: number;
  value: Uint8Array;
}

/** The same byte string goes into every element that contains its value. */
export interface Personalisation {
  iccid: Uint8Array; // of the ProfileHeader
  efIccid: Uint8Array;
  efImsi: Uint8Array;
  efAcc: Uint8Array;
  mncLength: Uint8Array; // the last byte of EF.AD
  algoKeys: AlgoKeys;
  pinCodes: readonly Code[];
  pukCodes: readonly Code[];
  sdKeys: readonly SecurityDomainKey[];
  otaKeys: readonly OtaKey[];
  msisdn?: Uint8Array; // the number in its record of EF.MSISDN
  serviceCentre?: Uint8Array; // the number in its record of EF.SMSP
  efSpn?: Uint8Array;
  /** Data objects, not padded; only for a template with an ISIM. */
  ims?: { impi: Uint8Array; impu: readonly Uint8Array[]; domain: Uint8Array };
}

/** Throws `SaipError` for an invalid value. */
export function personalisationOf(
  elements: readonly ProfileElement[],
  subscription: Subscription,
): Personalisation {
  const { iccid, imsi, mncLength, accessClasses = [accessClassOf(imsi)] } = subscription;
  const { sdKeys = [], otaKeys = [], msisdn, serviceCentre, spn } = subscription;
  const ims = expectedIms(elements, subscription);
  return {
    iccid: encodeHeaderIccid(iccid),
    efIccid: encodeEfIccid(iccid),
    efImsi: encodeEfImsi(imsi),
    efAcc: encodeEfAcc(accessClasses),
    mncLength: Uint8Array.of(mncLength),
    algoKeys: algoKeysOf(subscription.aka),
    pinCodes: pinCodesOf(subscription),
    pukCodes: pukCodesOf(subscription),
    sdKeys,
    otaKeys,
    ...(msisdn === undefined ? {} : { msisdn: encodeNumber('ef-msisdn', msisdn) }),
    ...(serviceCentre === undefined
      ? {}
      : { serviceCentre: encodeNumber('ef-smsp', serviceCentre) }),
    ...(spn === undefined ? {} : { efSpn: encodeEfSpn(spn) }),
    ...(ims === undefined
      ? {}
      : {
          ims: {
            impi: imsObject(ims.impi),
            impu: ims.impu.map(imsObject),
            domain: imsObject(ims.domain),
          },
        }),
  };
}

/** An ISIM always gets the subscription's identities: those given, or else those derived from its IMSI. */
export function expectedIms(
  elements: readonly ProfileElement[],
  { imsi, mncLength, ims }: Subscription,
): ImsIdentity | undefined {
  if (elementsOf(elements, 'isim').length === 0) return undefined;
  return { ...imsIdentityOf(imsi, mncLength), ...ims };
}

function pinCodesOf({ pin1, pin2, adm = {} }: Subscription): Code[] {
  const codes: Code[] = [];
  const { pinAppl1, secondPINAppl1 } = PIN_KEY_REFERENCES;
  const add = (name: string, keyReference: number, value: Uint8Array) =>
    codes.push({ name, keyReference, value });
  if (pin1 !== undefined) add('pin1', pinAppl1, encodePin('subscription/pin1', pin1));
  if (pin2 !== undefined) add('pin2', secondPINAppl1, encodePin('subscription/pin2', pin2));
  for (const [name, code] of Object.entries(adm) as [keyof typeof adm, string][]) {
    add(name, PIN_KEY_REFERENCES[name], encodeAdm(`subscription/adm/${name}`, code));
  }
  return codes;
}

function pukCodesOf({ puk1, puk2 }: Subscription): Code[] {
  const codes: Code[] = [];
  const { pukAppl1, secondPUKAppl1 } = PUK_KEY_REFERENCES;
  const add = (name: string, keyReference: number, puk: string | undefined) => {
    if (puk === undefined) return;
    codes.push({ name, keyReference, value: encodePuk(`subscription/${name}`, puk) });
  };
  add('puk1', pukAppl1, puk1);
  add('puk2', secondPUKAppl1, puk2);
  return codes;
}
