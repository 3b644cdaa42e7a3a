// The template that is used when an operator brings none: a USIM, on request an ISIM, of profile package version 2.3.
// Every secret in it is zero and every identity a test one; `personalise` replaces them, `check` reports what is left.
import type { PEAKAParameter } from './aka-parameter.ts';
import { ALGORITHM_IDS } from './aka-parameter.ts';
import { concat } from './asn1-type.ts';
import { PIN_KEY_REFERENCES, PUK_KEY_REFERENCES } from './codes.ts';
import { ACCESS_RULES } from './ef-arr.ts';
import { encodeEfDir } from './ef-dir.ts';
import { encodeEfEcc } from './ef-ecc.ts';
import { encodeEfIccid, encodeHeaderIccid } from './ef-iccid.ts';
import { accessClassOf, DEFAULT_AD, encodeEfAcc, encodeEfAd, encodeEfImsi } from './ef-imsi.ts';
import { encodeLanguages } from './ef-li.ts';
import { encodeEfSpn } from './ef-spn.ts';
import { encodeServiceTable } from './ef-ust.ts';
import { toBytes } from './file-content.ts';
import { TEMPLATE_IDS } from './file-template.ts';
import type { Fcp, File } from './file.ts';
import { encodeImsValue, encodePcscf, imsIdentityOf } from './ims-identity.ts';
import { encodeProfilePackage } from './profile-element.ts';
import type { ElementValue, TypedElement } from './profile-element.ts';
import type { KeyObject } from './security-domain.ts';

export interface DefaultTemplateOptions {
  profileType?: string;
  isim?: boolean;
  pcscf?: readonly string[]; // addresses for the ISIM's EF.P-CSCF
}

const TEST_ICCID = '89000000000000000009';
const TEST_IMSI = '001010000000000';
export const USIM_AID = Uint8Array.fromHex('a0000000871002ffffffff89'); // TS 101 220 annex E
export const ISIM_AID = Uint8Array.fromHex('a0000000871004ffffffff89');
const USIM_FID = Uint8Array.fromHex('7fd0'); // temporary, while the profile is made
const ISIM_FID = Uint8Array.fromHex('7fb0');

// TS 102 221 §9.5.2: which codes a directory has. PIN1 and ADM1 are global, PIN2 belongs to an application.
const GLOBAL_PINS = Uint8Array.of(0x01, 0x0a);
const LOCAL_PINS = Uint8Array.of(0x01, 0x81, 0x0a);

// TS 31.102 §4.2.8. Each of these has its files below, or needs none.
const USIM_SERVICES = [
  10, // short message storage: EF.SMS, EF.SMSS
  12, // short message parameters: EF.SMSP
  19, // service provider name: EF.SPN
  20, // user controlled PLMN selector: EF.PLMNwAcT
  21, // MSISDN: EF.MSISDN
  28, // data download via SMS-PP, for the security domain
  33, // shall be set to 1
  34, // enabled services table: EF.EST
  42, // operator controlled PLMN selector: EF.OPLMNwAcT
  43, // HPLMN selector: EF.HPLMNwAcT
  85, // EPS mobility management: EF.EPSLOCI, EF.EPSNSC
];
const UST_SIZE = 14;
const IST_SIZE = 14;
const IST_P_CSCF = 1; // TS 31.103 §4.2.7: P-CSCF address

const ECC_RECORD = 4;
const DIR_RECORD = 38;
const ARR_RECORD = Math.max(...ACCESS_RULES.map((rule) => rule.length));
const IMS_SIZE = 64; // room for the identities of TS 23.003 §13
const KEY_VERSION = 1; // SCP80, TS 102 225 §5.1.1
const SD_KEY_USAGES = { 1: 0x18, 2: 0x14, 3: 0x48 } as const; // GP §11.1.9: encryption, MAC, key encryption
const AES = 0x88; // GP §11.1.8

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

type Header = ElementValue<'end'>['end-header'];

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

function mfValue(header: Header, hasIsim: boolean): ElementValue<'mf'> {
  const applications = [
    { aid: USIM_AID, label: 'USIM' },
    ...(hasIsim ? [{ aid: ISIM_AID, label: 'ISIM' }] : []),
  ];
  const records = applications.map((application) => encodeEfDir(application, DIR_RECORD));
  return {
    'mf-header': header,
    templateID: TEMPLATE_IDS.mf,
    mf: described({ pinStatusTemplateDO: GLOBAL_PINS }),
    'ef-iccid': filled(encodeEfIccid(TEST_ICCID)),
    'ef-dir': linear(DIR_RECORD, records),
    'ef-arr': accessRules(),
  };
}

function telecomValue(header: Header): ElementValue<'telecom'> {
  return {
    'telecom-header': header,
    templateID: TEMPLATE_IDS.telecom,
    'df-telecom': described({ pinStatusTemplateDO: GLOBAL_PINS }),
    'ef-arr': accessRules(),
  };
}

/** The template makes all its files; those that are not named here are made with the content of annex A. */
function usimValue(header: Header): ElementValue<'usim'> {
  const emergency = ['112', '911'].map((number) =>
    encodeEfEcc({ number, alpha: '', category: 0 }, ECC_RECORD),
  );
  return {
    'usim-header': header,
    templateID: TEMPLATE_IDS.usim,
    'adf-usim': described({ fileID: USIM_FID, dfName: USIM_AID, pinStatusTemplateDO: LOCAL_PINS }),
    'ef-imsi': filled(encodeEfImsi(TEST_IMSI)),
    'ef-arr': accessRules(),
    'ef-ust': filled(encodeServiceTable(USIM_SERVICES, UST_SIZE)),
    'ef-fdn': [{ choice: 'doNotCreate', value: true }], // services 2 and 89 are not announced
    'ef-spn': filled(encodeEfSpn({ name: 'Simwright', displayPlmn: true, hideInRoaming: false })),
    'ef-est': filled(Uint8Array.of(0)),
    'ef-acc': filled(encodeEfAcc([accessClassOf(TEST_IMSI)])),
    'ef-ad': filled(encodeEfAd(DEFAULT_AD)),
    'ef-ecc': linear(ECC_RECORD, emergency),
  };
}

/** This template makes no file by itself; an empty descriptor makes one as annex A describes it. */
function optUsimValue(header: Header): ElementValue<'opt-usim'> {
  return {
    'optusim-header': header,
    templateID: TEMPLATE_IDS['opt-usim'],
    'ef-li': [...described({}), ...filled(encodeLanguages(['en'], 2))],
    'ef-msisdn': described({}),
    'ef-plmnwact': described({}),
    'ef-oplmnwact': described({}),
    'ef-hplmnwact': described({}),
  };
}

function isimValue(header: Header, hasPcscf: boolean): ElementValue<'isim'> {
  const { impi, impu, domain } = imsIdentityOf(TEST_IMSI, DEFAULT_AD.mncLength);
  const impuRecords = impu.map((uri) => encodeImsValue('ef-impu', uri, IMS_SIZE));
  return {
    'isim-header': header,
    templateID: TEMPLATE_IDS.isim,
    'adf-isim': described({ fileID: ISIM_FID, dfName: ISIM_AID, pinStatusTemplateDO: LOCAL_PINS }),
    'ef-impi': transparent(encodeImsValue('ef-impi', impi, IMS_SIZE)),
    'ef-impu': linear(IMS_SIZE, impuRecords),
    'ef-domain': transparent(encodeImsValue('ef-domain', domain, IMS_SIZE)),
    'ef-ist': filled(encodeServiceTable(hasPcscf ? [IST_P_CSCF] : [], IST_SIZE)),
    'ef-ad': filled(new Uint8Array(3)),
    'ef-arr': accessRules(),
  };
}

function optIsimValue(header: Header, pcscf: readonly string[]): ElementValue<'opt-isim'> {
  const records = pcscf.map((address) => encodePcscf(address, IMS_SIZE));
  return {
    'optisim-header': header,
    templateID: TEMPLATE_IDS['opt-isim'],
    'ef-pcscf': linear(IMS_SIZE, records),
  };
}

function pukCodesValue(header: Header): ElementValue<'pukCodes'> {
  const { pukAppl1, secondPUKAppl1 } = PUK_KEY_REFERENCES;
  return {
    'puk-Header': header,
    pukCodes: [pukAppl1, secondPUKAppl1].map((keyReference) => ({
      keyReference,
      pukValue: new TextEncoder().encode('00000000'),
    })),
  };
}

function globalPinCodesValue(header: Header): ElementValue<'pinCodes'> {
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

const PIN_DISABLED = 6; // as in the GSMA test profile: asked for only once the user has enabled it
const PIN_FIXED = 3; // as in the GSMA test profile's ADM codes

function localPinCodesValue(header: Header): ElementValue<'pinCodes'> {
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

function akaParameterValue(header: Header): PEAKAParameter {
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

/** The operator's security domain, as the GSMA test profile installs it, with one AES key set for SCP80. */
function securityDomainValue(header: Header): ElementValue<'securityDomain'> {
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
        // TS 102 226 §8.2.1.3.2.2: no toolkit resources; minimum security a checksum and a counter; TAR B20100.
        uiccToolkitApplicationSpecificParametersField: Uint8Array.fromHex(
          '010000000002011203b2010000',
        ),
      },
    },
    keyList: Object.entries(SD_KEY_USAGES).map(([id, usage]) => zeroKey(Number(id), usage)),
  };
}

function zeroKey(id: number, usage: number): KeyObject {
  return {
    keyUsageQualifier: Uint8Array.of(usage),
    keyIdentifier: Uint8Array.of(id),
    keyVersionNumber: Uint8Array.of(KEY_VERSION),
    keyComponents: [{ keyType: Uint8Array.of(AES), keyData: new Uint8Array(16) }],
  };
}

function described(fcp: Fcp): File {
  return [{ choice: 'fileDescriptor', value: fcp }];
}

function filled(content: Uint8Array): File {
  return [{ choice: 'fillFileContent', value: content }];
}

/** TS 102 221 §11.1.1.4.3: 41 a shareable transparent file, 42 a linear fixed one. */
function transparent(content: Uint8Array): File {
  return [
    ...described({
      fileDescriptor: Uint8Array.of(0x41, 0x21),
      efFileSize: toBytes(content.length),
    }),
    ...filled(content),
  ];
}

function linear(recordSize: number, records: readonly Uint8Array[]): File {
  const fileDescriptor = Uint8Array.of(0x42, 0x21, recordSize >> 8, recordSize & 0xff);
  const efFileSize = toBytes(recordSize * records.length);
  return [...described({ fileDescriptor, efFileSize }), ...filled(concat(records))];
}

function accessRules(): File {
  const records = ACCESS_RULES.map((rule) => {
    const record = new Uint8Array(ARR_RECORD).fill(0xff);
    record.set(rule);
    return record;
  });
  return linear(ARR_RECORD, records);
}
