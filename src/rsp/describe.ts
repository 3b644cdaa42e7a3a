// Messages for people: any RSP message as ASN.1 value notation with the standard's names, for the RSP log. The types
// themselves hide keys and confirmation code hashes.
import type { Asn1Type } from './asn1-type.ts';
import {
  AuthenticateServerRequest,
  AuthenticateServerResponse,
  EuiccSigned1,
  ServerSigned1,
} from './definitions/authenticate-server.ts';
import {
  BoundProfilePackage,
  ConfigureISDPRequest,
  InitialiseSecureChannelRequest,
  ReplaceSessionKeysRequest,
} from './definitions/bound-profile-package.ts';
import { CancelSessionRequest, CancelSessionResponse } from './definitions/cancel-session.ts';
import { EimConfigurationData } from './definitions/eim-configuration-data.ts';
import {
  IpaEuiccDataRequest,
  IpaEuiccDataResponse,
  ProfileDownloadTriggerRequest,
  ProfileDownloadTriggerResult,
} from './definitions/eim-package.ts';
import { EsipaMessageFromEimToIpa, EsipaMessageFromIpaToEim } from './definitions/esipa.ts';
import { EUICCInfo1, EUICCInfo2 } from './definitions/euicc-info.ts';
import { EuiccPackageRequest, EuiccPackageResult } from './definitions/euicc-package.ts';
import {
  EUICCResponse,
  NotificationMetadata,
  OtherSignedNotification,
  PendingNotification,
  ProfileInstallationResult,
} from './definitions/notification.ts';
import {
  EUICCSigned2,
  PrepareDownloadRequest,
  PrepareDownloadResponse,
  SmdpSigned2,
} from './definitions/prepare-download.ts';
import { StoreMetadataRequest } from './definitions/profile-metadata.ts';
import { DerError } from './der-error.ts';

const messages = {
  AuthenticateServerRequest,
  AuthenticateServerResponse,
  BoundProfilePackage,
  CancelSessionRequest,
  CancelSessionResponse,
  ConfigureISDPRequest,
  EimConfigurationData,
  EsipaMessageFromEimToIpa,
  EsipaMessageFromIpaToEim,
  EUICCInfo1,
  EUICCInfo2,
  EUICCResponse,
  EUICCSigned2,
  EuiccPackageRequest,
  EuiccPackageResult,
  EuiccSigned1,
  InitialiseSecureChannelRequest,
  IpaEuiccDataRequest,
  IpaEuiccDataResponse,
  NotificationMetadata,
  OtherSignedNotification,
  PendingNotification,
  PrepareDownloadRequest,
  PrepareDownloadResponse,
  ProfileDownloadTriggerRequest,
  ProfileDownloadTriggerResult,
  ProfileInstallationResult,
  ReplaceSessionKeysRequest,
  ServerSigned1,
  SmdpSigned2,
  StoreMetadataRequest,
} as const satisfies Record<string, Asn1Type<unknown>>;

export type MessageName = keyof typeof messages;

/**
 * `value NAME ::= …` over several lines. For bytes that are not such a message, says what is wrong without showing
 * them: they could be anything.
 */
export function describeMessage(name: MessageName, der: Uint8Array): string {
  const type: Asn1Type<unknown> = messages[name];
  try {
    return `value ${name} ::= ${type.notation(type.decode(der), '')}`;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return `-- ${der.length} octets that are not ${name}: ${error.message} --`;
  }
}
