// How eUICC and device describe themselves: EUICCInfo1 and EUICCInfo2 (§5.7.8), DeviceInfo (§4.2).
import { bitString, integer, nullType, octetString, utf8String } from '../asn1-primitives.ts';
import { optional, sequence, sequenceOf } from '../asn1-structures.ts';
import type { ValueOf } from '../asn1-type.ts';
import { SubjectKeyIdentifier, pprIds, versionType } from './basic-types.ts';

/** GetEuiccInfo1Request ::= [32] SEQUENCE { } */
export const GetEuiccInfo1Request = sequence(0xbf20, {});

/** EUICCInfo1 ::= [32] SEQUENCE; the key identifiers are in the eUICC's order of preference. */
export const EUICCInfo1 = sequence(0xbf20, {
  svn: versionType(0x82),
  euiccCiPKIdListForVerification: sequenceOf(0xa9, SubjectKeyIdentifier),
  euiccCiPKIdListForSigning: sequenceOf(0xaa, SubjectKeyIdentifier),
});
export type EUICCInfo1 = ValueOf<typeof EUICCInfo1>;

/** GetEuiccInfo2Request ::= [34] SEQUENCE { } */
export const GetEuiccInfo2Request = sequence(0xbf22, {});

const uiccCapability = [
  'contactlessSupport',
  'usimSupport',
  'isimSupport',
  'csimSupport',
  'akaMilenage',
  'akaCave',
  'akaTuak128',
  'akaTuak256',
  'rfu1',
  'rfu2',
  'gbaAuthenUsim',
  'gbaAuthenISim',
  'mbmsAuthenUsim',
  'eapClient',
  'javacard',
  'multos',
  'multipleUsimSupport',
  'multipleIsimSupport',
  'multipleCsimSupport',
  'berTlvFileSupport',
  'dfLinkSupport',
  'catTp',
  'getIdentity',
  'profile-a-x25519',
  'profile-b-p256',
  'suciCalculatorApi',
] as const;

const rspCapability = [
  'additionalProfile',
  'crlSupport',
  'rpmSupport',
  'testProfileSupport',
  'deviceInfoExtensibilitySupport',
] as const;

const euiccCategories = { other: 0, basicEuicc: 1, mediumEuicc: 2, contactlessEuicc: 3 };

const CertificationDataObject = sequence(0xac, {
  platformLabel: utf8String(0x80),
  discoveryBaseURL: utf8String(0x81),
});

const treProperties = ['isDiscrete', 'isIntegrated', 'usesRemoteMemory'] as const;

/** IoTSpecificInfo ::= SEQUENCE (SGP.32 §5.9.2); the last member since v1.3. */
const IoTSpecificInfo = sequence(0xb4, {
  iotVersion: sequenceOf(0xa0, versionType(0x04)),
  ecallSupported: optional(nullType(0x81)),
  fallbackSupported: optional(nullType(0x82)),
  fallbackAllowedUpdateSupported: optional(nullType(0x83)),
});

/** EUICCInfo2 ::= [34] SEQUENCE; what follows certificationDataObject is of SGP.22 v2.3 and later, and of SGP.32. */
export const EUICCInfo2 = sequence(0xbf22, {
  profileVersion: versionType(0x81),
  svn: versionType(0x82),
  euiccFirmwareVer: versionType(0x83),
  extCardResource: octetString(0x84),
  uiccCapability: bitString(0x85, uiccCapability),
  ts102241Version: optional(versionType(0x86)),
  globalplatformVersion: optional(versionType(0x87)),
  rspCapability: bitString(0x88, rspCapability),
  euiccCiPKIdListForVerification: sequenceOf(0xa9, SubjectKeyIdentifier),
  euiccCiPKIdListForSigning: sequenceOf(0xaa, SubjectKeyIdentifier),
  euiccCategory: optional(integer(0x8b, euiccCategories)),
  forbiddenProfilePolicyRules: optional(pprIds(0x99)),
  ppVersion: versionType(0x04),
  sasAcreditationNumber: utf8String(0x0c, 64),
  certificationDataObject: optional(CertificationDataObject),
  treProperties: optional(bitString(0x8d, treProperties)),
  treProductReference: optional(utf8String(0x8e)),
  additionalEuiccProfilePackageVersions: optional(sequenceOf(0xaf, versionType(0x04))),
  ipaMode: optional(integer(0x90, { ipad: 0, ipae: 1 })),
  euiccCiPKIdListForSigningV3: optional(sequenceOf(0xb1, SubjectKeyIdentifier)),
  additionalEuiccInfo: optional(octetString(0x92, 0, 32)),
  highestSvn: optional(versionType(0x93)),
  iotSpecificInfo: optional(IoTSpecificInfo),
  euiccMinimumSecurityLevel: optional(octetString(0x95, 1)),
});
export type EUICCInfo2 = ValueOf<typeof EUICCInfo2>;

const DeviceCapabilities = sequence(0xa1, {
  gsmSupportedRelease: optional(versionType(0x80)),
  utranSupportedRelease: optional(versionType(0x81)),
  cdma2000onexSupportedRelease: optional(versionType(0x82)),
  cdma2000hrpdSupportedRelease: optional(versionType(0x83)),
  cdma2000ehrpdSupportedRelease: optional(versionType(0x84)),
  eutranEpcSupportedRelease: optional(versionType(0x85)),
  contactlessSupportedRelease: optional(versionType(0x86)),
  rspCrlSupportedVersion: optional(versionType(0x87)),
  nrEpcSupportedRelease: optional(versionType(0x88)),
  nr5gcSupportedRelease: optional(versionType(0x89)),
  eutran5gcSupportedRelease: optional(versionType(0x8a)),
});

/** DeviceInfo ::= SEQUENCE. The TAC has 4 bytes; 8 in an older module of the standard. */
export const deviceInfo = (tag: number) =>
  sequence(tag, {
    tac: octetString(0x80, 4, 8),
    deviceCapabilities: DeviceCapabilities,
    imei: optional(octetString(0x82, 8)),
  });
export const DeviceInfo = deviceInfo(0xa1);
export type DeviceInfo = ValueOf<typeof DeviceInfo>;
