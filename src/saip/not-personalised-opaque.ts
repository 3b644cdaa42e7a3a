// The part of `findNotPersonalised` for untyped elements, which packages contain unchanged: reads them as far as
// possible.
import { PEApplication } from './application.ts';
import type { Asn1Type, ValueOf } from './asn1-type.ts';
import { PECDMAParameter } from './cdma-parameter.ts';
import type { Add } from './not-personalised.ts';
import type { OpaqueElement } from './profile-element.ts';
import { SaipError } from './saip-error.ts';
import { readTlvs } from './tlv.ts';

export function lookOverOpaque(element: OpaqueElement, add: Add): void {
  switch (element.name) {
    case 'cdmaParameter':
      return ofCdmaParameter(element, add);
    case 'application':
      return ofApplication(element, add);
    case 'csim':
      return add('csim', 'IMSI_M, RUIM ID and the like', 'identity');
    case 'opt-csim':
      if (hasField(element, OPT_CSIM.mdn)) add('opt-csim/ef-mdn', 'the number', 'identity');
      if (hasField(element, OPT_CSIM.sippapss))
        add('opt-csim/ef-sippapss', 'passwords of Simple IP');
      if (hasField(element, OPT_CSIM.hiddenKey)) add('opt-csim/ef-hidden-key', 'a file of keys');
      return;
    case 'eap':
      if (hasField(element, EAP_KEYS)) add('eap/ef-eapkeys', 'a file of keys');
      return add('eap', 'identities of the EAP client', 'identity');
    case 'nonStandard':
      return add('nonStandard', 'a proprietary element, which may contain keys');
    case 'unknown':
      return add('unknown', 'an unknown element, which may contain keys');
    case 'iot':
      return add('iot', 'IMSI and access class', 'identity');
    case 'opt-iot':
    case 'df-snpn':
    case 'df-5gprose':
  }
}

/** AUTOMATIC TAGS: the tags of these files in PE-OPT-CSIM and PE-EAP. */
const OPT_CSIM = { mdn: 0xa9, sippapss: 0xb3, hiddenKey: 0xbf2e };
const EAP_KEYS = 0xa3;

function ofCdmaParameter(element: OpaqueElement, add: Add): void {
  const value = tryToDecode(PECDMAParameter, element);
  if (value === undefined) return add('cdmaParameter', 'keys of the CSIM');
  const names = {
    authenticationKey: 'the A-key of CAVE',
    ssd: 'shared secret data',
    hrpdAccessAuthenticationData: 'shared secrets of HRPD',
    simpleIPAuthenticationData: 'shared secrets of Simple IP',
    mobileIPAuthenticationData: 'shared secrets of Mobile IP',
  } as const;
  for (const [name, what] of Object.entries(names)) {
    if (value[name as keyof typeof names] !== undefined) add(`cdmaParameter/${name}`, what);
  }
}

function ofApplication(element: OpaqueElement, add: Add): void {
  const value = tryToDecode(PEApplication, element);
  if (value === undefined) return add('application', 'an application, which may contain keys');
  for (const { instanceAID, processData, applicationSpecificParametersC9 } of value.instanceList ??
    []) {
    const where = `application ${instanceAID.toHex().toUpperCase()}`;
    if (processData !== undefined) {
      add(`${where}/processData`, 'commands to the application, which may contain keys');
    }
    if (applicationSpecificParametersC9.length > 0) {
      add(`${where}/applicationSpecificParametersC9`, 'its installation parameters', 'identity');
    }
  }
}

function tryToDecode<T extends Asn1Type<unknown>>(
  type: T,
  { name, bytes }: OpaqueElement,
): ValueOf<T> | undefined {
  try {
    const [outer] = readTlvs(bytes, name);
    return type.decode(outer?.contents ?? new Uint8Array(), name) as ValueOf<T>;
  } catch (error) {
    if (error instanceof SaipError) return undefined;
    throw error;
  }
}

/** Whether an element has this field, and it is not empty; assumed if the element is not DER. */
function hasField({ name, bytes }: OpaqueElement, tag: number): boolean {
  try {
    const [outer] = readTlvs(bytes, name);
    const fields = readTlvs(outer?.contents ?? new Uint8Array(), name);
    return fields.some((field) => field.tag === tag && field.contents.length > 0);
  } catch (error) {
    if (error instanceof SaipError) return true;
    throw error;
  }
}
