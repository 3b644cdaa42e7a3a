// The default template: a USIM, optionally an ISIM, in profile package version 2.3. All its secrets are zero, and its
// identities are test values; `personalise` replaces them, and `check` reports any that remain.
import { ALGORITHM_IDS } from './aka-parameter.ts';
import type { PEAKAParameter } from './aka-parameter.ts';
import { PIN_KEY_REFERENCES, PUK_KEY_REFERENCES } from './codes.ts';
import {
  isimValue,
  mfValue,
  optIsimValue,
  optUsimValue,
  telecomValue,
  TEST_ICCID,
  usimValue,
} from './default-files.ts';
import { encodeHeaderIccid } from './ef-iccid.ts';
import { TEMPLATE_IDS } from './file-template.ts';
import type { PEHeader } from './pe-header.ts';
import { encodeProfilePackage } from './profile-element.ts';
import type { ElementValue, TypedElement } from './profile-element.ts';
import { KEY_TYPES, OTA_KEY_USAGES } from './security-domain.ts';
import type { KeyObject } from './security-domain.ts';

export interface DefaultTemplateOptions {
  profileType?: string;
  isim?: boolean;
  pcscf?: readonly string[]; // addresses for the ISIM's EF.P-CSCF
}

const PIN_DISABLED = 6; // as in the GSMA test profile: required only once the user has enabled it
const PIN_FIXED = 3; // as in the GSMA test profile's ADM codes
const KEY_VERSION = 1; // SCP80, TS 102 225 §5.1.1

export function defaultTemplate(options: DefaultTemplateOptions = {}): Uint8Array {
  const { isim = false, pcscf = [], profileType = 'Simwright' } = options;
  const hasIsim = isim || pcscf.length > 0;
  let last = 0;
  const next = () => ({ mandated: true as const, identification: (last += 1) });
  const elements: TypedElement[] = [
    { name: 'header', value: headerValue(profileType, hasIsim, pcscf.length > 0) },
    { name: 'mf', value: mfValue(next(), hasIsim) },
    { name: 'pukCodes', value: pukCodesValue(next()) },
    { name: 'pinCodes', value: globalPinCodesValue(next()) },
    { name: 'telecom', value: telecomValue(next()) },
    { name: 'usim', value: usimValue(next()) },
    { name: 'opt-usim', value: optUsimValue(next()) },
    { name: 'pinCodes', value: localPinCodesValue(next()) },
    { name: 'akaParameter', value: akaParameterValue(next()) },
  ];
  if (hasIsim) {
    elements.push({ name: 'isim', value: isimValue(next(), pcscf.length > 0) });
    if (pcscf.length > 0) elements.push({ name: 'opt-isim', value: optIsimValue(next(), pcscf) });
    elements.push({ name: 'pinCodes', value: localPinCodesValue(next()) });
    elements.push({ name: 'akaParameter', value: akaParameterValue(next()) });
  }
  elements.push({ name: 'securityDomain', value: securityDomainValue(next()) });
  elements.push({ name: 'end', value: { 'end-header': next() } });
  return encodeProfilePackage(elements);
}

function headerValue(
  profileType: string,
  hasIsim: boolean,
  hasPcscf: boolean,
): ElementValue<'header'> {
  const { mf, telecom, usim, isim } = TEMPLATE_IDS;
  return {
    'major-version': 2,
    'minor-version': 3,
    profileType,
    iccid: encodeHeaderIccid(TEST_ICCID),
    'eUICC-Mandatory-services': {
      usim: true,
      ...(hasIsim ? { isim: true } : {}),
      milenage: true,
    },
    'eUICC-Mandatory-GFSTEList': [
      mf,
      telecom,
      usim,
      TEMPLATE_IDS['opt-usim'],
      ...(hasIsim ? [isim] : []),
      ...(hasPcscf ? [TEMPLATE_IDS['opt-isim']] : []),
    ],
  };
}

function pukCodesValue(header: PEHeader): ElementValue<'pukCodes'> {
  const { pukAppl1, secondPUKAppl1 } = PUK_KEY_REFERENCES;
  return {
    'puk-Header': header,
    pukCodes: [pukAppl1, secondPUKAppl1].map((keyReference) => ({
      keyReference,
      pukValue: new TextEncoder().encode('00000000'),
    })),
  };
}

function globalPinCodesValue(header: PEHeader): ElementValue<'pinCodes'> {
  const { pinAppl1, adm1 } = PIN_KEY_REFERENCES;
  return {
    'pin-Header': header,
    pinCodes: {
      choice: 'pinconfig',
      value: [
        {
          keyReference: pinAppl1,
          pinValue: Uint8Array.fromHex('30303030ffffffff'),
          unblockingPINReference: PUK_KEY_REFERENCES.pukAppl1,
          pinAttributes: PIN_DISABLED,
        },
        {
          keyReference: adm1,
          pinValue: new TextEncoder().encode('00000000'),
          pinAttributes: PIN_FIXED,
          'maxNumOfAttemps-retryNumLeft': 0xaa,
        },
      ],
    },
  };
}

function localPinCodesValue(header: PEHeader): ElementValue<'pinCodes'> {
  return {
    'pin-Header': header,
    pinCodes: {
      choice: 'pinconfig',
      value: [
        {
          keyReference: PIN_KEY_REFERENCES.secondPINAppl1,
          pinValue: Uint8Array.fromHex('30303030ffffffff'),
          unblockingPINReference: PUK_KEY_REFERENCES.secondPUKAppl1,
        },
      ],
    },
  };
}

function akaParameterValue(header: PEHeader): PEAKAParameter {
  return {
    'aka-header': header,
    algoConfiguration: {
      choice: 'algoParameter',
      value: {
        algorithmID: ALGORITHM_IDS.milenage,
        algorithmOptions: Uint8Array.of(0),
        key: new Uint8Array(16),
        opc: new Uint8Array(16),
      },
    },
  };
}

/**
 * The operator's security domain, as the GSMA test profile installs it, with one AES key set for
 * SCP80.
 */
function securityDomainValue(header: PEHeader): ElementValue<'securityDomain'> {
  return {
    'sd-Header': header,
    instance: {
      applicationLoadPackageAID: Uint8Array.fromHex('a0000001515350'),
      classAID: Uint8Array.fromHex('a000000151535041'),
      instanceAID: Uint8Array.fromHex('a000000151000000'),
      applicationPrivileges: Uint8Array.fromHex('82dc00'),
      lifeCycleState: Uint8Array.of(0x0f), // personalised
      applicationSpecificParametersC9: Uint8Array.fromHex('810280008201f08301f08701f0'),
      applicationParameters: {
        // TS 102 226 §8.2.1.3.2.2: no toolkit resources; minimum security a checksum and a counter;
        // TAR B20100.
        uiccToolkitApplicationSpecificParametersField: Uint8Array.fromHex(
          '010000000002011203b2010000',
        ),
      },
    },
    keyList: Object.entries(OTA_KEY_USAGES).map(([id, usage]) => zeroKey(Number(id), usage)),
  };
}

function zeroKey(id: number, usage: number): KeyObject {
  return {
    keyUsageQualifier: Uint8Array.of(usage),
    keyIdentifier: Uint8Array.of(id),
    keyVersionNumber: Uint8Array.of(KEY_VERSION),
    keyComponents: [{ keyType: Uint8Array.of(KEY_TYPES.aes), keyData: new Uint8Array(16) }],
  };
}
