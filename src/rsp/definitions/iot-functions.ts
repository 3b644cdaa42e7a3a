// The ES10b functions that SGP.32 adds to an eUICC, or changes (SGP.32 §5.9).
import { bitString, boolean, integer, nullType, octetString } from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence, sequenceOf } from '../asn1-structures.ts';
import { alsoTagged, replacedSequence } from '../asn1-tolerant.ts';
import {
  addInitialEimErrors,
  configureImmediateProfileEnablingResults,
  disableEmergencyProfileResults,
  enableEmergencyProfileResults,
  executeFallbackMechanismResults,
  immediateEnableResults,
  memoryResetResults,
  profileRollbackResults,
  resetEimResults,
  resetImmediateEnableConfigResults,
  returnFromFallbackResults,
} from '../eim-codes.ts';
import { keepingDer } from '../encoded.ts';
import { notificationEvent } from './basic-types.ts';
import { certificateNotation } from './certificate.ts';
import { EimConfigurationData, eimId } from './eim-configuration-data.ts';
import { euiccPackageResultList, pendingNotificationList } from './eim-package.ts';
import { EuiccPackageResult, immediateEnableConfiguration } from './euicc-package.ts';

/** AddInitialEimRequest ::= [87] SEQUENCE (SGP.32 §5.9.4) */
export const AddInitialEimRequest = sequence(0xbf57, {
  eimConfigurationDataList: sequenceOf(0xa0, EimConfigurationData),
});

/** AddInitialEimResponse ::= [87] CHOICE: one item for each eIM */
export const AddInitialEimResponse = explicit(
  0xbf57,
  choice({
    addInitialEimOk: sequenceOf(
      0xa0,
      choice({ associationToken: integer(0x84), addOk: nullType(0x05) }),
    ),
    addInitialEimError: integer(0x81, addInitialEimErrors),
  }),
);

/** EuiccMemoryResetRequest ::= [100] SEQUENCE (SGP.32 §5.9.5); in v1.0.1 [52], with other bits from 3 on. */
export const IotEuiccMemoryResetRequest = sequence(0xbf64, {
  resetOptions: bitString(0x82, [
    'deleteOperationalProfiles',
    'deleteFieldLoadedTestProfiles',
    'resetDefaultSmdpAddress',
    'deletePreLoadedTestProfiles',
    'deleteProvisioningProfiles',
    'resetEimConfigData',
    'resetImmediateEnableConfig',
  ]),
});

/** EuiccMemoryResetResponse ::= [100] SEQUENCE (SGP.32 §5.9.5) */
export const IotEuiccMemoryResetResponse = sequence(0xbf64, {
  resetResult: integer(0x80, memoryResetResults),
  resetEimResult: optional(integer(0x81, resetEimResults)),
  resetImmediateEnableConfigResult: optional(integer(0x82, resetImmediateEnableConfigResults)),
});

/** GetCertsRequest ::= [86] SEQUENCE (SGP.32 §5.9.10); some leave the SubjectKeyIdentifier its own tag. */
export const GetCertsRequest = sequence(0xbf56, {
  euiccCiPKId: optional(alsoTagged(octetString(0x80), 0x04)),
});

/** GetCertsResponse ::= [86] CHOICE (SGP.32 §5.9.10) */
export const GetCertsResponse = explicit(
  0xbf56,
  choice({
    certs: sequence(0xa0, {
      eumCertificate: replacedSequence(0xa5, certificateNotation),
      euiccCertificate: replacedSequence(0xa6, certificateNotation),
    }),
    getCertsError: integer(0x81, { invalidCiPKId: 1, undefinedError: 127 }),
  }),
);

/** RetrieveNotificationsListRequest ::= [43] SEQUENCE (SGP.32 §5.9.11) */
export const IotRetrieveNotificationsListRequest = sequence(0xbf2b, {
  searchCriteria: optional(
    explicit(
      0xa0,
      choice({
        seqNumber: integer(0x80),
        profileManagementOperation: notificationEvent(0x81),
        euiccPackageResults: nullType(0x82),
      }),
    ),
  ),
});

/** RetrieveNotificationsListResponse ::= [43] CHOICE (SGP.32 §5.9.11) */
export const IotRetrieveNotificationsListResponse = explicit(
  0xbf2b,
  choice({
    notificationList: pendingNotificationList(0xa0),
    notificationsListResultError: integer(0x81, { undefinedError: 127 }),
    euiccPackageResultList: euiccPackageResultList(0xa2),
  }),
);

/** A function that takes only the flag whether the eUICC should send a REFRESH; some leave BOOLEAN its own tag. */
const withRefreshFlag = (tag: number) =>
  sequence(tag, { refreshFlag: alsoTagged(boolean(0x80), 0x01) });

/** SGP.32 §5.9.15: [90] SEQUENCE; in v1.0.1 EnableUsingDD, without a flag. */
export const ImmediateEnableRequest = sequence(0xbf5a, {
  refreshFlag: optional(alsoTagged(boolean(0x80), 0x01)),
});
export const ImmediateEnableResponse = sequence(0xbf5a, {
  immediateEnableResult: integer(0x80, immediateEnableResults),
});

/** SGP.32 §5.9.16: [88] SEQUENCE */
export const ProfileRollbackRequest = withRefreshFlag(0xbf58);
/** X.680 §25.7: the result of the package has a tag of its own, so cmdResult is not tagged automatically. */
export const ProfileRollbackResponse = sequence(0xbf58, {
  cmdResult: alsoTagged(integer(0x02, profileRollbackResults), 0x80),
  eUICCPackageResult: optional(keepingDer(EuiccPackageResult)),
});

/** SGP.32 §5.9.17: [89] SEQUENCE */
export const ConfigureImmediateProfileEnablingRequest = immediateEnableConfiguration(0xbf59);
export const ConfigureImmediateProfileEnablingResponse = sequence(0xbf59, {
  configImmediateEnableResult: integer(0x80, configureImmediateProfileEnablingResults),
});

/** SGP.32 §5.9.18: [85] SEQUENCE; the criterion since v1.1. */
export const GetEimConfigurationDataRequest = sequence(0xbf55, {
  searchCriteria: optional(explicit(0xa0, choice({ eimId: eimId(0x80) }))),
});
export const GetEimConfigurationDataResponse = sequence(0xbf55, {
  eimConfigurationDataList: sequenceOf(0xa0, EimConfigurationData),
});

/** SGP.32 §5.9.20: [93] SEQUENCE */
export const ExecuteFallbackMechanismRequest = withRefreshFlag(0xbf5d);
export const ExecuteFallbackMechanismResponse = sequence(0xbf5d, {
  executeFallbackMechanismResult: integer(0x80, executeFallbackMechanismResults),
});

/** SGP.32 §5.9.21: [94] SEQUENCE */
export const ReturnFromFallbackRequest = withRefreshFlag(0xbf5e);
export const ReturnFromFallbackResponse = sequence(0xbf5e, {
  returnFromFallbackResult: integer(0x80, returnFromFallbackResults),
});

/** SGP.32 §5.9.22: [91] SEQUENCE */
export const EnableEmergencyProfileRequest = withRefreshFlag(0xbf5b);
export const EnableEmergencyProfileResponse = sequence(0xbf5b, {
  enableEmergencyProfileResult: integer(0x80, enableEmergencyProfileResults),
});

/** SGP.32 §5.9.23: [92] SEQUENCE */
export const DisableEmergencyProfileRequest = withRefreshFlag(0xbf5c);
export const DisableEmergencyProfileResponse = sequence(0xbf5c, {
  disableEmergencyProfileResult: integer(0x80, disableEmergencyProfileResults),
});

/** GetConnectivityParametersResponse ::= [95] CHOICE (SGP.32 §5.9.24) */
export const GetConnectivityParametersResponse = explicit(
  0xbf5f,
  choice({
    connectivityParameters: sequence(0xa0, { httpParams: optional(octetString(0x81)) }),
    connectivityParametersError: integer(0x81, {
      parametersNotAvailable: 1,
      undefinedError: 127,
    }),
  }),
);

/** IpaeActivationRequest and IpaeActivationResponse ::= [66] SEQUENCE (SGP.32 §5.9.3) */
export const IpaeActivationRequest = sequence(0xbf42, {
  ipaeOption: bitString(0x80, ['activateIpae']),
});
export const IpaeActivationResponse = sequence(0xbf42, {
  ipaeActivationResult: integer(0x80, { ok: 0, notSupported: 1 }),
});

/** ISDRProprietaryApplicationTemplateIoT ::= [PRIVATE 1] SEQUENCE: in the answer to SELECT of the ISD-R */
export const ISDRProprietaryApplicationTemplateIoT = sequence(0xe1, {
  euiccConfiguration: bitString(0x80, ['ipaeSupported', 'enabledProfile']),
});
