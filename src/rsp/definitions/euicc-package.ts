// SGP.32 §2.11.1.1 eUICC Package Request, SGP.32 §2.11.2.1 eUICC Package Result: what an eIM commands an eUICC to do, signed, and what
// came of it, signed. Both have the tag BF51.
import {
  integer,
  nullType,
  objectIdentifier,
  octetString,
  utf8String,
} from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence, sequenceOf } from '../asn1-structures.ts';
import {
  alsoTagged,
  childrenOf,
  extensibleSequenceOf,
  otherTlv,
  tolerant,
  withoutRepeatedTag,
} from '../asn1-tolerant.ts';
import type { ValueOf } from '../asn1-type.ts';
import { encodeTlv, type Tlv } from '../der.ts';
import {
  addEimResultCodes,
  configureImmediateEnableResults,
  deleteEimResults,
  deleteProfileResults,
  disableProfileResults,
  eimIdTypes,
  enableProfileResults,
  euiccPackageErrorCodes,
  euiccPackageUnsignedErrorCodes,
  listEimErrors,
  processingTerminatedReasons,
  rollbackProfileResults,
  setDefaultDpAddressResults,
  setFallbackAttributeResults,
  unsetFallbackAttributeResults,
  updateEimResults,
} from '../eim-codes.ts';
import { keepingDer } from '../encoded.ts';
import { Iccid, octet16, signature, transactionId } from './basic-types.ts';
import { eimConfigurationData, eimId } from './eim-configuration-data.ts';
import {
  ProfileInfoListRequest,
  ProfileInfoListResponse,
  rulesAuthorisationTable,
} from './local-functions.ts';

/** SetDefaultDpAddressRequest ::= [101] SEQUENCE, SetDefaultDpAddressResponse (SGP.32 §5.9.25) */
export const SetDefaultDpAddressRequest = sequence(0xbf65, { defaultDpAddress: utf8String(0x80) });
export const SetDefaultDpAddressResponse = sequence(0xbf65, {
  setDefaultDpAddressResult: integer(0x80, setDefaultDpAddressResults),
});

/** Of configureImmediateEnable and ES10b.ConfigureImmediateProfileEnabling (SGP.32 §5.9.17); before v1.1 "auto enable". */
export const immediateEnableConfiguration = (tag: number) =>
  sequence(tag, {
    immediateEnableFlag: optional(nullType(0x80)),
    defaultSmdpOid: optional(objectIdentifier(0x81)),
    defaultSmdpAddress: optional(utf8String(0x82)),
  });

/** Psmo ::= CHOICE (SGP.32 §2.11.1.1.3) */
export const Psmo = choice({
  enable: sequence(0xa3, {
    iccid: Iccid,
    // X.680 §25.7: the iccid has a tag of its own, so this one is not tagged automatically. Peers do so nevertheless.
    rollbackFlag: optional(alsoTagged(nullType(0x05), 0x80, 0x81)),
  }),
  disable: sequence(0xa4, { iccid: Iccid }),
  delete: sequence(0xa5, { iccid: Iccid }),
  listProfileInfo: ProfileInfoListRequest,
  getRAT: sequence(0xa6, {}),
  configureImmediateEnable: immediateEnableConfiguration(0xa7),
  setFallbackAttribute: sequence(0xa8, { iccid: Iccid }),
  unsetFallbackAttribute: sequence(0xa9, {}),
  setDefaultDpAddress: SetDefaultDpAddressRequest,
  unknown: otherTlv,
});
export type Psmo = ValueOf<typeof Psmo>;

/** Eco ::= CHOICE (SGP.32 §2.11.1.1.2) */
export const Eco = choice({
  addEim: eimConfigurationData(0xa8),
  deleteEim: sequence(0xa9, { eimId: eimId(0x80) }),
  updateEim: eimConfigurationData(0xaa),
  listEim: sequence(0xab, {}),
  unknown: otherTlv,
});
export type Eco = ValueOf<typeof Eco>;

/** EuiccPackage ::= CHOICE: exactly one list, of one or more commands. */
const EuiccPackage = choice({
  psmoList: extensibleSequenceOf(0xa0, Psmo),
  ecoList: extensibleSequenceOf(0xa1, Eco),
});
export type EuiccPackage = ValueOf<typeof EuiccPackage>;

/** EuiccPackageSigned ::= SEQUENCE; eimSignature covers its TLV and the associationToken. */
export const EuiccPackageSigned = sequence(0x30, {
  eimId: eimId(0x80),
  eidValue: octet16(0x5a),
  counterValue: integer(0x81),
  eimTransactionId: optional(transactionId(0x82)),
  euiccPackage: EuiccPackage,
});
export type EuiccPackageSigned = ValueOf<typeof EuiccPackageSigned>;

/** EuiccPackageRequest ::= [81] SEQUENCE */
export const EuiccPackageRequest = sequence(0xbf51, {
  euiccPackageSigned: keepingDer(EuiccPackageSigned),
  eimSignature: signature,
});
export type EuiccPackageRequest = ValueOf<typeof EuiccPackageRequest>;

/** Some write the list or the error without their tags A0 and 81. */
const listProfileInfoResult = tolerant(ProfileInfoListResponse, (tlv) => {
  const [only, ...others] = childrenOf(tlv);
  if (only === undefined || others.length > 0) return undefined;
  if (only.tag === 0x30) return encodeTlv(tlv.tag, encodeTlv(0xa0, only.contents));
  if (only.tag === 0x02) return encodeTlv(tlv.tag, encodeTlv(0x81, only.contents));
  return undefined;
});

/** AddEimResult ::= CHOICE */
const AddEimResult = choice({
  associationToken: integer(0x84),
  addEimResultCode: integer(0x02, addEimResultCodes),
});

/** ListEimResult ::= CHOICE; eimIdType has the tag 84 in v1.0.1. Some write the list without its tag A0. */
const listEimResult = tolerant(
  explicit(
    0xab,
    choice({
      eimIdList: sequenceOf(
        0xa0,
        sequence(0x30, {
          eimId: eimId(0x80),
          eimIdType: optional(alsoTagged(integer(0x82, eimIdTypes), 0x84)),
        }),
      ),
      listEimError: integer(0x81, listEimErrors),
    }),
  ),
  (tlv) => {
    const children = childrenOf(tlv);
    const [first] = children;
    if (first === undefined || first.tag !== 0x30) return undefined;
    // One list of SEQUENCEs, or the SEQUENCEs themselves.
    const isList = children.length === 1 && childrenOf(first)[0]?.tag !== 0x80;
    return encodeTlv(tlv.tag, encodeTlv(0xa0, isList ? first.contents : tlv.contents));
  },
);

/** EuiccResultData ::= CHOICE (SGP.32 §2.11.2.1) */
export const EuiccResultData = choice({
  enableResult: integer(0x83, enableProfileResults),
  disableResult: integer(0x84, disableProfileResults),
  deleteResult: integer(0x85, deleteProfileResults),
  listProfileInfoResult,
  getRATResult: rulesAuthorisationTable(0xa6),
  configureImmediateEnableResult: integer(0x87, configureImmediateEnableResults),
  addEimResult: explicit(0xa8, AddEimResult),
  deleteEimResult: integer(0x89, deleteEimResults),
  updateEimResult: integer(0x8a, updateEimResults),
  listEimResult,
  rollbackResult: integer(0x8c, rollbackProfileResults),
  setFallbackAttributeResult: integer(0x8d, setFallbackAttributeResults),
  unsetFallbackAttributeResult: integer(0x8e, unsetFallbackAttributeResults),
  processingTerminated: integer(0x02, processingTerminatedReasons),
  setDefaultDpAddressResult: SetDefaultDpAddressResponse,
  unknown: otherTlv,
});
export type EuiccResultData = ValueOf<typeof EuiccResultData>;

/** EuiccPackageResultDataSigned ::= SEQUENCE; euiccSignEPR covers its TLV and the associationToken. */
export const EuiccPackageResultDataSigned = sequence(0x30, {
  eimId: eimId(0x80),
  counterValue: integer(0x81),
  eimTransactionId: optional(transactionId(0x82)),
  seqNumber: integer(0x83),
  euiccResult: extensibleSequenceOf(0x30, EuiccResultData),
});
export type EuiccPackageResultDataSigned = ValueOf<typeof EuiccPackageResultDataSigned>;

/** EuiccPackageErrorDataSigned ::= SEQUENCE; euiccSignEPE covers its TLV and the associationToken. */
export const EuiccPackageErrorDataSigned = sequence(0x30, {
  eimId: eimId(0x80),
  counterValue: integer(0x81),
  eimTransactionId: optional(transactionId(0x82)),
  euiccPackageErrorCode: integer(0x02, euiccPackageErrorCodes),
});
export type EuiccPackageErrorDataSigned = ValueOf<typeof EuiccPackageErrorDataSigned>;

const EuiccPackageErrorUnsigned = sequence(0xa2, {
  // An eUICC that could not read the package does not know it.
  eimId: utf8String(0x80, 128),
  eimTransactionId: optional(transactionId(0x82)),
  associationToken: optional(integer(0x84)),
  /** Since v1.3. */
  euiccPackageUnsignedErrorCode: optional(integer(0x8f, euiccPackageUnsignedErrorCodes)),
});
export type EuiccPackageErrorUnsigned = ValueOf<typeof EuiccPackageErrorUnsigned>;

const [RESULT, ERROR, UNSIGNED] = [0xa0, 0xa1, 0xa2];
const SEQ_NUMBER = 0x83;

/** EuiccPackageResult ::= [81] CHOICE; some write the SEQUENCE of an alternative with its tag 30, or BF51 twice. */
export const EuiccPackageResult = tolerant(
  explicit(
    0xbf51,
    choice({
      euiccPackageResultSigned: sequence(RESULT, {
        euiccPackageResultDataSigned: keepingDer(EuiccPackageResultDataSigned),
        euiccSignEPR: octetString(0x5f37),
      }),
      euiccPackageErrorSigned: sequence(ERROR, {
        euiccPackageErrorDataSigned: keepingDer(EuiccPackageErrorDataSigned),
        euiccSignEPE: octetString(0x5f37),
      }),
      euiccPackageErrorUnsigned: EuiccPackageErrorUnsigned,
    }),
  ),
  (tlv) => withoutRepeatedTag(tlv) ?? withAlternative(tlv),
);
export type EuiccPackageResult = ValueOf<typeof EuiccPackageResult>;

function withAlternative(tlv: Tlv): Uint8Array | undefined {
  const [whole] = childrenOf(tlv);
  if (whole?.tag !== 0x30) return undefined;
  const [signed] = childrenOf(whole);
  const alternative =
    signed?.tag !== 0x30
      ? UNSIGNED
      : childrenOf(signed).some(({ tag }) => tag === SEQ_NUMBER)
        ? RESULT
        : ERROR;
  return encodeTlv(tlv.tag, encodeTlv(alternative, whole.contents));
}

/** An item of EuiccPackageResultList; some write the alternative without BF51. */
export const listedEuiccPackageResult = tolerant(
  keepingDer(EuiccPackageResult),
  ({ tag, der }) => (tag === 0xbf51 ? undefined : encodeTlv(0xbf51, der)),
  RESULT,
  ERROR,
  UNSIGNED,
);
