// The files of the default template: MF, DF.TELECOM, ADF.USIM with its optional files, and
// ADF.ISIM.
import { concat } from './asn1-type.ts';
import { ACCESS_RULES } from './ef-arr.ts';
import { encodeEfDir } from './ef-dir.ts';
import { encodeEfEcc } from './ef-ecc.ts';
import { encodeEfIccid } from './ef-iccid.ts';
import { accessClassOf, DEFAULT_AD, encodeEfAcc, encodeEfAd, encodeEfImsi } from './ef-imsi.ts';
import { encodeLanguages } from './ef-li.ts';
import { encodeEfSpn } from './ef-spn.ts';
import { encodeServiceTable } from './ef-ust.ts';
import { toBytes } from './file-content.ts';
import { TEMPLATE_IDS } from './file-template.ts';
import type { Fcp, File } from './file.ts';
import { encodeImsValue, encodePcscf, imsIdentityOf } from './ims-identity.ts';
import type { PEHeader } from './pe-header.ts';
import type { ElementValue } from './profile-element.ts';

export const TEST_ICCID = '89000000000000000009';
const TEST_IMSI = '001010000000000';
const USIM_AID = Uint8Array.fromHex('a0000000871002ffffffff89'); // TS 101 220 annex E
const ISIM_AID = Uint8Array.fromHex('a0000000871004ffffffff89');
const USIM_FID = Uint8Array.fromHex('7fd0'); // temporary, while the profile is made
const ISIM_FID = Uint8Array.fromHex('7fb0');

// TS 102 221 §9.5.2: which codes a directory has. PIN1 and ADM1 are global, PIN2 belongs to an
// application.
const GLOBAL_PINS = Uint8Array.of(0x01, 0x0a);
const LOCAL_PINS = Uint8Array.of(0x01, 0x81, 0x0a);

// TS 31.102 §4.2.8. Each has its files below, or needs none.
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

export function mfValue(header: PEHeader, hasIsim: boolean): ElementValue<'mf'> {
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

export function telecomValue(header: PEHeader): ElementValue<'telecom'> {
  return {
    'telecom-header': header,
    templateID: TEMPLATE_IDS.telecom,
    'df-telecom': described({ pinStatusTemplateDO: GLOBAL_PINS }),
    'ef-arr': accessRules(),
  };
}

/** The template creates all its files; those not listed here get the content of annex A. */
export function usimValue(header: PEHeader): ElementValue<'usim'> {
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

/** This template creates no files by itself; an empty descriptor creates one as described in annex A. */
export function optUsimValue(header: PEHeader): ElementValue<'opt-usim'> {
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

export function isimValue(header: PEHeader, hasPcscf: boolean): ElementValue<'isim'> {
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

export function optIsimValue(header: PEHeader, pcscf: readonly string[]): ElementValue<'opt-isim'> {
  const records = pcscf.map((address) => encodePcscf(address, IMS_SIZE));
  return {
    'optisim-header': header,
    templateID: TEMPLATE_IDS['opt-isim'],
    'ef-pcscf': linear(IMS_SIZE, records),
  };
}

function described(fcp: Fcp): File {
  return [{ choice: 'fileDescriptor', value: fcp }];
}

function filled(content: Uint8Array): File {
  return [{ choice: 'fillFileContent', value: content }];
}

/** TS 102 221 §11.1.1.4.3: 41 is a shareable transparent file, 42 a linear fixed one. */
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
