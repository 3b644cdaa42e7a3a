// PE-SecurityDomain and PE-RFM: the operator's security domain with its keys, and access to remote file management.
import { octetString, secret } from './asn1-primitive.ts';
import { optional, sequence, sequenceOf, tagged, taggedSequence } from './asn1-type.ts';
import type { ValueOf } from './asn1-type.ts';
import { ApplicationIdentifier, PEHeader, UInt16, UInt8 } from './pe-header.ts';

const aid = tagged(0x4f, ApplicationIdentifier);
const quota = octetString(2, 4);

const ApplicationSystemParameters = taggedSequence({
  volatileMemoryQuotaC7: optional(tagged(0xc7, quota)),
  nonVolatileMemoryQuotaC8: optional(tagged(0xc8, quota)),
  globalServiceParameters: optional(tagged(0xcb, octetString())),
  implicitSelectionParameter: optional(tagged(0xcf, octetString())),
  volatileReservedMemory: optional(tagged(0xd7, quota)),
  nonVolatileReservedMemory: optional(tagged(0xd8, quota)),
  ts102226SIMFileAccessToolkitParameter: optional(tagged(0xca, octetString())),
  ts102226AdditionalContactlessParameters: optional(
    tagged(0xa0, sequence({ protocolParameterData: octetString() })),
  ),
  contactlessProtocolParameters: optional(tagged(0xd9, octetString())),
  userInteractionContactlessParameters: optional(tagged(0xda, octetString())),
  cumulativeGrantedVolatileMemory: optional(tagged(0x82, quota)),
  cumulativeGrantedNonVolatileMemory: optional(tagged(0x83, quota)),
});

const UICCApplicationParameters = taggedSequence({
  uiccToolkitApplicationSpecificParametersField: optional(tagged(0x80, octetString())),
  uiccAccessApplicationSpecificParametersField: optional(tagged(0x81, octetString())),
  uiccAdministrativeAccessApplicationSpecificParametersField: optional(tagged(0x82, octetString())),
});

export const ApplicationInstance = taggedSequence({
  applicationLoadPackageAID: aid,
  classAID: aid,
  instanceAID: aid,
  extraditeSecurityDomainAID: optional(aid),
  applicationPrivileges: tagged(0x82, octetString()),
  lifeCycleState: optional(tagged(0x83, octetString(1, 1))), // default 07
  applicationSpecificParametersC9: tagged(0xc9, octetString()),
  systemSpecificParameters: optional(tagged(0xef, ApplicationSystemParameters)),
  applicationParameters: optional(tagged(0xea, UICCApplicationParameters)),
  processData: optional(sequenceOf(octetString(), 1)),
  controlReferenceTemplate: optional(
    tagged(0xb0, taggedSequence({ applicationProviderIdentifier: tagged(0x5f20, octetString()) })),
  ),
});

export const KeyObject = taggedSequence({
  keyUsageQualifier: tagged(0x95, octetString(1, 2)),
  keyAccess: optional(tagged(0x96, octetString(1, 1))), // default 00
  keyIdentifier: tagged(0x82, octetString(1, 1)),
  keyVersionNumber: tagged(0x83, octetString(1, 1)),
  keyCounterValue: optional(tagged(0x85, octetString())),
  keyComponents: sequenceOf(
    taggedSequence({
      keyType: tagged(0x80, octetString()),
      keyData: tagged(0x86, secret(octetString())),
      macLength: optional(tagged(0x87, UInt8)), // default 8
    }),
    1,
  ),
});
export type KeyObject = ValueOf<typeof KeyObject>;

export const KEY_TYPES = { des: 0x80, aes: 0x88 } as const; // GP card specification §11.1.8
/** Key sizes in bytes, by type. */
export const KEY_SIZES: Readonly<Partial<Record<number, readonly number[]>>> = {
  [KEY_TYPES.des]: [16, 24],
  [KEY_TYPES.aes]: [16, 24, 32],
};

/**
 * The key usage of an SCP80 key set, by key identifier: KIc, KID, KIK (TS 102 225 §5.1.1, TS 102 226 §8.2.1.5). GP
 * GP card specification §11.1.9: encryption, MAC, key encryption.
 */
export const OTA_KEY_USAGES = { 1: 0x18, 2: 0x14, 3: 0x48 } as const;

export const PESecurityDomain = sequence({
  'sd-Header': PEHeader,
  instance: ApplicationInstance,
  keyList: optional(sequenceOf(KeyObject, 1)),
  sdPersoData: optional(sequenceOf(secret(octetString()), 1)), // STORE DATA commands may carry keys
  openPersoData: optional(
    taggedSequence({
      restrictParameter: optional(tagged(0xd9, octetString(1, 1))),
      contactlessProtocolParameters: optional(octetString()),
    }),
  ),
  catTpParameters: optional(sequence({ catTpMaxSduSize: UInt16, catTpMaxPduSize: UInt16 })),
});
export type PESecurityDomain = ValueOf<typeof PESecurityDomain>;

export const PERFM = taggedSequence({
  'rfm-header': tagged(0xa0, PEHeader),
  instanceAID: aid,
  securityDomainAID: optional(aid),
  tarList: optional(tagged(0xa0, sequenceOf(octetString(3, 3), 1))),
  minimumSecurityLevel: tagged(0x81, octetString(1, 1)),
  uiccAccessDomain: octetString(),
  uiccAdminAccessDomain: octetString(),
  adfRFMAccess: optional(
    sequence({
      adfAID: ApplicationIdentifier,
      adfAccessDomain: octetString(),
      adfAdminAccessDomain: octetString(),
    }),
  ),
});
export type PERFM = ValueOf<typeof PERFM>;
