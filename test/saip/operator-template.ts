// A template like an operator's: every descriptor explicit, untyped elements, several records, an ISIM whose keys
// follow the USIM's, two key versions in the security domain.
import { ALGORITHM_IDS } from '../../src/saip/aka-parameter.ts';
import { concat } from '../../src/saip/asn1-type.ts';
import { encodeEfIccid, encodeHeaderIccid } from '../../src/saip/ef-iccid.ts';
import { encodeEfImsi } from '../../src/saip/ef-imsi.ts';
import { encodeEfSmsp } from '../../src/saip/ef-msisdn.ts';
import { toBytes } from '../../src/saip/file-content.ts';
import type { Fcp, File } from '../../src/saip/file.ts';
import { encodeImsValue } from '../../src/saip/ims-identity.ts';
import type { ProfileElement } from '../../src/saip/profile-element.ts';
import type { KeyObject } from '../../src/saip/security-domain.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const USIM_AID = hex('a0000000871002ff49ff0589');

function file(descriptor: string, fid: string, size: number, fills: File, more: Fcp = {}): File {
  const fcp: Fcp = {
    fileDescriptor: hex(descriptor),
    fileID: hex(fid),
    securityAttributesReferenced: hex('6f0602'),
    efFileSize: toBytes(size),
    ...more,
  };
  return [{ choice: 'fileDescriptor', value: fcp }, ...fills];
}

const content = (bytes: Uint8Array): File => [{ choice: 'fillFileContent', value: bytes }];
const offset = (bytes: number): File => [{ choice: 'fillFileOffset', value: bytes }];
const directory = (fcp: Fcp): File => [
  { choice: 'fileDescriptor', value: { pinStatusTemplateDO: hex('81010a0b'), ...fcp } },
];

function key(version: number, id: number, type: number): KeyObject {
  return {
    keyUsageQualifier: hex('18'),
    keyAccess: hex('00'),
    keyIdentifier: Uint8Array.of(id),
    keyVersionNumber: Uint8Array.of(version),
    keyComponents: [{ keyType: Uint8Array.of(type), keyData: new Uint8Array(16).fill(version) }],
  };
}

export function operatorTemplate(): ProfileElement[] {
  let last = 0;
  const header = () => ({ mandated: true as const, identification: (last += 1) });
  const arr = file('42210010', '6f06', 16, content(hex('800101900080015aa40683010a950108')));
  const pin2 = {
    keyReference: 0x81,
    pinValue: hex('39393939ffffffff'),
    unblockingPINReference: 0x81,
    pinAttributes: 3,
  };
  const smsp = encodeEfSmsp({ alpha: 'Centre', serviceCentre: '+111', validityPeriod: 0xa7 }, 42);
  const impu = ['sip:a@example.org', 'tel:+111'].map((uri) => encodeImsValue('ef-impu', uri, 32));
  return [
    {
      name: 'header',
      value: {
        'major-version': 2,
        'minor-version': 1,
        profileType: 'Operator',
        iccid: encodeHeaderIccid('8944000000000000001'),
        'eUICC-Mandatory-services': { usim: true, isim: true, csim: true, milenage: true },
        'eUICC-Mandatory-GFSTEList': [1, 3, 4, 5, 8, 9, 10].map((n) => `2.23.143.1.2.${n}`),
      },
    },
    {
      name: 'mf',
      value: {
        'mf-header': header(),
        templateID: '2.23.143.1.2.1',
        mf: directory({ pinStatusTemplateDO: hex('010a0b') }),
        'ef-iccid': file('4121', '2fe2', 10, content(encodeEfIccid('8944000000000000001'))),
        'ef-dir': file('42210021', '2f00', 33, content(hex('610e4f0ca0000000871002ff49ff0589'))),
        'ef-arr': arr,
      },
    },
    {
      name: 'pukCodes',
      value: {
        'puk-Header': header(),
        pukCodes: [
          {
            keyReference: 1,
            pukValue: hex('3131313131313131'),
            'maxNumOfAttemps-retryNumLeft': 170,
          },
          { keyReference: 0x81, pukValue: hex('3232323232323232') },
        ],
      },
    },
    {
      name: 'pinCodes',
      value: {
        'pin-Header': header(),
        pinCodes: {
          choice: 'pinconfig',
          value: [
            { keyReference: 1, pinValue: hex('31323334ffffffff'), unblockingPINReference: 1 },
            { keyReference: 0x0a, pinValue: hex('3535353535353535'), pinAttributes: 3 },
            { keyReference: 0x0b, pinValue: hex('0123456789abcdef'), pinAttributes: 3 },
          ],
        },
      },
    },
    {
      name: 'telecom',
      value: {
        'telecom-header': header(),
        templateID: '2.23.143.1.2.3',
        'df-telecom': directory({ fileID: hex('7f10') }),
        'ef-arr': arr,
      },
    },
    {
      name: 'pinCodes',
      value: { 'pin-Header': header(), pinCodes: { choice: 'pinconfig', value: [pin2] } },
    },
    {
      name: 'genericFileManagement',
      value: {
        'gfm-header': header(),
        fileManagementCMD: [
          [
            { choice: 'filePath', value: hex('7f10') },
            {
              choice: 'createFCP',
              value: {
                fileDescriptor: hex('4621001a'),
                fileID: hex('6f44'),
                efFileSize: hex('82'),
                shortEFID: hex(''),
              },
            },
            { choice: 'fillFileOffset', value: 26 },
            { choice: 'fillFileContent', value: hex('0102') },
          ],
        ],
      },
    },
    {
      name: 'usim',
      value: {
        'usim-header': header(),
        templateID: '2.23.143.1.2.4',
        'adf-usim': directory({ fileID: hex('7fd0'), dfName: USIM_AID }),
        'ef-imsi': file('4121', '6f07', 9, content(encodeEfImsi('234150000000001'))),
        'ef-arr': arr,
        'ef-ust': file('4121', '6f38', 14, content(hex('000a0000'))),
        'ef-smsp': file('4221002a', '6f42', 84, content(concat([smsp, smsp]))),
        'ef-spn': file('4121', '6f46', 17, [], {
          proprietaryEFInfo: { fillPattern: hex('014f70ff') },
        }),
        'ef-est': content(hex('00')),
        'ef-acc': content(hex('0002')),
        'ef-ad': file('4121', '6fad', 5, [
          ...content(hex('80')),
          ...offset(2),
          ...content(hex('0207')),
        ]),
        'ef-ecc': file('42210004', '6fb7', 4, content(hex('11f2ff00'))),
      },
    },
    {
      name: 'opt-usim',
      value: {
        'optusim-header': header(),
        templateID: '2.23.143.1.2.5',
        'ef-li': file('4121', '6f05', 4, content(hex('656e'))),
        'ef-msisdn': file('42210018', '6f40', 48, content(hex('4d65'))),
        '...': [hex('9f7f0101')],
      },
    },
    {
      name: 'pinCodes',
      value: { 'pin-Header': header(), pinCodes: { choice: 'pinconfig', value: [pin2] } },
    },
    {
      name: 'akaParameter',
      value: {
        'aka-header': header(),
        algoConfiguration: {
          choice: 'algoParameter',
          value: {
            algorithmID: ALGORITHM_IDS.milenage,
            algorithmOptions: hex('01'),
            key: hex('000102030405060708090a0b0c0d0e0f'),
            opc: hex('0f0e0d0c0b0a09080706050403020100'),
            rotationConstants: hex('4000204061'),
          },
        },
        sqnOptions: hex('06'),
        sqnInit: Array.from({ length: 32 }, () => hex('000000000001')),
      },
    },
    // csim, opt-csim and cdmaParameter have no type here and pass through unchanged.
    { name: 'csim', bytes: hex('b90da0058000810120810401020304') },
    { name: 'opt-csim', bytes: hex('ba07a0058000810121') },
    { name: 'cdmaParameter', bytes: hex('a511a005800081012281084141414142424242') },
    {
      name: 'isim',
      value: {
        'isim-header': header(),
        templateID: '2.23.143.1.2.8',
        'adf-isim': directory({ fileID: hex('7fb0'), dfName: hex('a0000000871004ff49ff0589') }),
        'ef-impi': file(
          '4121',
          '6f02',
          32,
          content(encodeImsValue('ef-impi', 'a@example.org', 32)),
        ),
        'ef-impu': file('42210020', '6f04', 64, content(concat(impu))),
        'ef-domain': file('4121', '6f03', 32, [], {
          proprietaryEFInfo: { fillPattern: hex('800b6578616d706c652e6f7267ff') },
        }),
        'ef-ist': file('4121', '6f07', 7, content(hex('00'))),
        'ef-arr': arr,
      },
    },
    {
      name: 'opt-isim',
      value: { 'optisim-header': header(), templateID: '2.23.143.1.2.9' },
    },
    {
      name: 'pinCodes',
      value: { 'pin-Header': header(), pinCodes: { choice: 'filePath', value: hex('7fd0') } },
    },
    {
      name: 'akaParameter',
      value: {
        'aka-header': header(),
        algoConfiguration: {
          choice: 'mappingParameter',
          value: { mappingOptions: hex('06'), mappingSource: USIM_AID },
        },
      },
    },
    {
      name: 'securityDomain',
      value: {
        'sd-Header': header(),
        instance: {
          applicationLoadPackageAID: hex('a0000001515350'),
          classAID: hex('a000000151535041'),
          instanceAID: hex('a000000151000000'),
          applicationPrivileges: hex('82dc00'),
          lifeCycleState: hex('0f'),
          applicationSpecificParametersC9: hex('8102800082010f'),
          systemSpecificParameters: { nonVolatileMemoryQuotaC8: hex('1000') },
          processData: [hex('80e60c00')],
          controlReferenceTemplate: { applicationProviderIdentifier: hex('aabb') },
        },
        keyList: [key(1, 1, 0x80), key(1, 2, 0x80), key(2, 1, 0x88)],
        sdPersoData: [hex('00700101')],
        openPersoData: { restrictParameter: hex('01') },
        catTpParameters: { catTpMaxSduSize: 1500, catTpMaxPduSize: 200 },
      },
    },
    {
      name: 'rfm',
      value: {
        'rfm-header': header(),
        instanceAID: hex('a00000055910100001'),
        securityDomainAID: hex('a000000151000000'),
        tarList: [hex('b00120'), hex('b00140')],
        minimumSecurityLevel: hex('16'),
        uiccAccessDomain: hex('00'),
        uiccAdminAccessDomain: hex('00'),
        adfRFMAccess: {
          adfAID: USIM_AID,
          adfAccessDomain: hex('00'),
          adfAdminAccessDomain: hex('00'),
        },
      },
    },
    { name: 'application', bytes: hex('a807a0058000810123') },
    { name: 'end', value: { 'end-header': header() } },
  ];
}
