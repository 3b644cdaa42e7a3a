// An eUICC's description of itself (§5.7.8).
import { EUICCInfo1, EUICCInfo2 } from '../rsp/definitions/euicc-info.ts';
import { encodeTlv } from '../rsp/der.ts';
import { encodeUnsignedContents } from '../rsp/der-values.ts';
import { freeProfileMemory, type Euicc } from './euicc.ts';

const SVN = '2.5.0';
const PROFILE_VERSION = '2.3.1';
export const PROFILE_MAJOR_VERSIONS = [2, 3]; // of SAIP

/** SGP.32 §5.9.2: the IPA is in the device. */
const iotInfo = {
  ipaMode: 0,
  iotSpecificInfo: { iotVersion: ['1.2.0'], fallbackSupported: null },
} as const;

function ciPKIds(euicc: Euicc) {
  return {
    euiccCiPKIdListForVerification: euicc.cis.flatMap(({ extensions }) =>
      extensions.subjectKeyIdentifier === undefined ? [] : [extensions.subjectKeyIdentifier],
    ),
    euiccCiPKIdListForSigning: euicc.credentials.map(({ ciPKId }) => ciPKId),
  };
}

export function euiccInfo1(euicc: Euicc): EUICCInfo1 {
  return { svn: SVN, ...ciPKIds(euicc) };
}

export function euiccInfo2(euicc: Euicc): EUICCInfo2 {
  return {
    profileVersion: PROFILE_VERSION,
    svn: SVN,
    euiccFirmwareVer: '1.0.0',
    extCardResource: extCardResource(euicc),
    uiccCapability: [
      'usimSupport',
      'isimSupport',
      'akaMilenage',
      'akaTuak128',
      'akaTuak256',
      'javacard',
      'multipleUsimSupport',
      'getIdentity',
    ],
    ts102241Version: '9.2.0',
    globalplatformVersion: '2.3.0',
    rspCapability: ['additionalProfile', 'testProfileSupport'],
    ...ciPKIds(euicc),
    ...(euicc.state.forbiddenProfilePolicyRules.length === 0
      ? {}
      : { forbiddenProfilePolicyRules: euicc.state.forbiddenProfilePolicyRules }),
    ppVersion: '1.0.0',
    sasAcreditationNumber: 'SIMWRIGHT-VIRTUAL',
    ...(euicc.state.iot === undefined || euicc.misbehaviour.tellsConsumerInfo === true
      ? {}
      : iotInfo),
  };
}

/** TS 102 226 §8.2.1.7.2: number of applications, free non-volatile and volatile memory. */
function extCardResource(euicc: Euicc): Uint8Array {
  const memory = Buffer.alloc(4);
  memory.writeUInt32BE(freeProfileMemory(euicc));
  return Buffer.concat([
    encodeTlv(0x81, Uint8Array.of(euicc.state.profiles.length)),
    encodeTlv(0x82, encodeUnsignedContents(memory)),
    encodeTlv(0x83, Uint8Array.of(0x40, 0x00)),
  ]);
}
