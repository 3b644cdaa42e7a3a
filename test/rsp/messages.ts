// Values of every RSP message, with all components and with as few as possible.
import type { Asn1Type } from '../../src/rsp/asn1-type.ts';
import { encoded } from '../../src/rsp/encoded.ts';
import * as authenticate from '../../src/rsp/definitions/authenticate-server.ts';
import * as bpp from '../../src/rsp/definitions/bound-profile-package.ts';
import * as cancel from '../../src/rsp/definitions/cancel-session.ts';
import * as es9plus from '../../src/rsp/definitions/es9plus.ts';
import * as info from '../../src/rsp/definitions/euicc-info.ts';
import * as local from '../../src/rsp/definitions/local-functions.ts';
import * as notification from '../../src/rsp/definitions/notification.ts';
import * as prepare from '../../src/rsp/definitions/prepare-download.ts';
import { StoreMetadataRequest } from '../../src/rsp/definitions/profile-metadata.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { hex } from './vectors.ts';

export interface Sample {
  readonly name: string;
  readonly type: Asn1Type<unknown>;
  readonly value: unknown;
}

function sample<T>(name: string, type: Asn1Type<T>, value: T): Sample {
  return { name, type, value };
}

const transactionId = hex('0123456789abcdef0123456789abcdef');
const challenge = hex('00112233445566778899aabbccddeeff');
const signature = new Uint8Array(64).fill(0x5a);
const keyIdentifier = new Uint8Array(20).fill(0xc1);
const certificate = encodeTlv(0x30, encodeTlv(0x04, new Uint8Array(300)));
const otpk = hex(`04${'11'.repeat(64)}`);
const iccid = hex('98001032547698103214');

const euiccInfo2: info.EUICCInfo2 = {
  profileVersion: '2.3.1',
  svn: '2.5.0',
  euiccFirmwareVer: '1.2.3',
  extCardResource: hex('8101008204000400008302 4000'),
  uiccCapability: ['usimSupport', 'akaMilenage', 'getIdentity', 'bit29'],
  ts102241Version: '9.2.0',
  globalplatformVersion: '2.3.0',
  rspCapability: ['additionalProfile', 'testProfileSupport'],
  euiccCiPKIdListForVerification: [keyIdentifier],
  euiccCiPKIdListForSigning: [keyIdentifier, keyIdentifier],
  euiccCategory: 2,
  forbiddenProfilePolicyRules: ['ppr1'],
  ppVersion: '1.0.0',
  sasAcreditationNumber: 'XX-YY-0000',
  certificationDataObject: { platformLabel: 'label', discoveryBaseURL: 'https://example.com' },
};
const ctxParams1 = {
  ctxParamsForCommonAuthentication: {
    matchingId: 'QR-G-5C-1LS-1W1Z9P7',
    deviceInfo: {
      tac: hex('35290611'),
      deviceCapabilities: { gsmSupportedRelease: '15.0.0', eutran5gcSupportedRelease: '15.0.0' },
      imei: hex('3529061100000000'),
    },
  },
};
const notificationMetadata: notification.NotificationMetadata = {
  seqNumber: 70000,
  profileManagementOperation: ['notificationInstall'],
  notificationAddress: 'smdp.example.com',
  iccid,
};
const result = (finalResult: notification.ProfileInstallationResultData['finalResult']) => ({
  profileInstallationResultData: encoded(notification.ProfileInstallationResultData, {
    transactionId,
    notificationMetadata,
    smdpOid: '2.999.10',
    finalResult,
  }),
  euiccSignPIR: signature,
});

export const installed = result({
  successResult: {
    aid: hex('a0000005591010ffffffff8900001100'),
    simaResponse: hex('3007a0053003800100'),
  },
});

const euiccInfo1 = encoded(info.EUICCInfo1, {
  svn: '2.5.0',
  euiccCiPKIdListForVerification: [keyIdentifier],
  euiccCiPKIdListForSigning: [keyIdentifier],
});

export const samples: readonly Sample[] = [
  sample('RemoteProfileProvisioningRequest', es9plus.RemoteProfileProvisioningRequest, {
    initiateAuthenticationRequest: {
      euiccChallenge: challenge,
      smdpAddress: 'smdp.example.com',
      euiccInfo1,
    },
  }),
  sample('RemoteProfileProvisioningRequest', es9plus.RemoteProfileProvisioningRequest, {
    handleNotification: {
      pendingNotification: encoded(notification.PendingNotification, {
        profileInstallationResult: installed,
      }),
    },
  }),
  sample('RemoteProfileProvisioningRequest', es9plus.RemoteProfileProvisioningRequest, {
    cancelSessionRequestEs9: {
      transactionId,
      cancelSessionResponse: encoded(cancel.CancelSessionResponse, {
        cancelSessionResponseError: 5,
      }),
    },
  }),
  sample('RemoteProfileProvisioningResponse', es9plus.RemoteProfileProvisioningResponse, {
    initiateAuthenticationResponse: {
      initiateAuthenticationOk: {
        transactionId,
        serverSigned1: encodeTlv(0x30, new Uint8Array(8)),
        serverSignature1: encodeTlv(0x5f37, signature),
        euiccCiPKIdToBeUsed: encodeTlv(0x04, keyIdentifier),
        serverCertificate: certificate,
      },
    },
  }),
  sample('RemoteProfileProvisioningResponse', es9plus.RemoteProfileProvisioningResponse, {
    authenticateClientResponseEs9: { authenticateClientError: 127 },
  }),
  sample('EUICCInfo1', info.EUICCInfo1, {
    svn: '2.5.0',
    euiccCiPKIdListForVerification: [keyIdentifier],
    euiccCiPKIdListForSigning: [],
  }),
  sample('EUICCInfo2', info.EUICCInfo2, euiccInfo2),
  sample('ServerSigned1', authenticate.ServerSigned1, {
    transactionId,
    euiccChallenge: challenge,
    serverAddress: 'smdp.example.com:8443',
    serverChallenge: challenge,
  }),
  sample('AuthenticateServerRequest', authenticate.AuthenticateServerRequest, {
    serverSigned1: encoded(authenticate.ServerSigned1, {
      transactionId,
      euiccChallenge: challenge,
      serverAddress: 'smdp.example.com',
      serverChallenge: challenge,
    }),
    serverSignature1: signature,
    euiccCiPKIdToBeUsed: keyIdentifier,
    serverCertificate: certificate,
    ctxParams1,
  }),
  sample('AuthenticateServerResponse', authenticate.AuthenticateServerResponse, {
    authenticateResponseOk: {
      euiccSigned1: encoded(authenticate.EuiccSigned1, {
        transactionId,
        serverAddress: 'smdp.example.com',
        serverChallenge: challenge,
        euiccInfo2,
        ctxParams1,
      }),
      euiccSignature1: signature,
      euiccCertificate: certificate,
      eumCertificate: certificate,
    },
  }),
  sample('AuthenticateServerResponse', authenticate.AuthenticateServerResponse, {
    authenticateResponseError: { transactionId, authenticateErrorCode: 6 },
  }),
  sample('SmdpSigned2', prepare.SmdpSigned2, { transactionId, ccRequiredFlag: false }),
  sample('PrepareDownloadRequest', prepare.PrepareDownloadRequest, {
    smdpSigned2: encoded(prepare.SmdpSigned2, {
      transactionId,
      ccRequiredFlag: true,
      bppEuiccOtpk: otpk,
    }),
    smdpSignature2: signature,
    hashCc: new Uint8Array(32).fill(0xcc),
    smdpCertificate: certificate,
  }),
  sample('PrepareDownloadResponse', prepare.PrepareDownloadResponse, {
    downloadResponseOk: {
      euiccSigned2: encoded(prepare.EUICCSigned2, {
        transactionId,
        euiccOtpk: otpk,
        hashCc: new Uint8Array(32).fill(0xcc),
      }),
      euiccSignature2: signature,
    },
  }),
  sample('PrepareDownloadResponse', prepare.PrepareDownloadResponse, {
    downloadResponseError: { transactionId, downloadErrorCode: 127 },
  }),
  sample('StoreMetadataRequest', StoreMetadataRequest, {
    iccid,
    serviceProviderName: 'Grüße',
    profileName: 'Profile',
    iconType: 1,
    icon: new Uint8Array(1024),
    profileClass: 0,
    notificationConfigurationInfo: [
      {
        profileManagementOperation: ['notificationEnable', 'notificationDelete'],
        notificationAddress: 'smdp.example.com',
      },
    ],
    profileOwner: { mccMnc: hex('00f110'), gid1: hex('01'), gid2: hex('02') },
    profilePolicyRules: ['ppr1', 'ppr2'],
  }),
  sample('StoreMetadataRequest', StoreMetadataRequest, {
    iccid,
    serviceProviderName: '',
    profileName: '',
    profileClass: 2,
  }),
  sample('ConfigureISDPRequest', bpp.ConfigureISDPRequest, {}),
  sample('ConfigureISDPRequest', bpp.ConfigureISDPRequest, {
    dpProprietaryData: { dpOid: '2.999.10' },
  }),
  sample('ReplaceSessionKeysRequest', bpp.ReplaceSessionKeysRequest, {
    initialMacChainingValue: new Uint8Array(16).fill(0xc1),
    ppkEnc: new Uint8Array(16).fill(0xc2),
    ppkCmac: new Uint8Array(16).fill(0xc3),
  }),
  sample('BoundProfilePackage', bpp.BoundProfilePackage, {
    initialiseSecureChannelRequest: encoded(bpp.InitialiseSecureChannelRequest, {
      remoteOpId: 1,
      transactionId,
      controlRefTemplate: { keyType: hex('88'), keyLen: hex('10'), hostId: hex('0102') },
      smdpOtpk: otpk,
      smdpSign: signature,
    }),
    firstSequenceOf87: [encodeTlv(0x87, new Uint8Array(24))],
    sequenceOf88: [encodeTlv(0x88, new Uint8Array(50))],
    secondSequenceOf87: [encodeTlv(0x87, new Uint8Array(72))],
    sequenceOf86: [encodeTlv(0x86, new Uint8Array(1016)), encodeTlv(0x86, new Uint8Array(24))],
  }),
  sample('ProfileInstallationResult', notification.ProfileInstallationResult, installed),
  sample('PendingNotification', notification.PendingNotification, {
    profileInstallationResult: result({
      errorResult: { bppCommandId: 5, errorReason: 10, simaResponse: hex('3007a0053003800104') },
    }),
  }),
  sample('PendingNotification', notification.PendingNotification, {
    otherSignedNotification: {
      tbsOtherNotification: encoded(notification.NotificationMetadata, {
        seqNumber: 1,
        profileManagementOperation: ['notificationDelete'],
        notificationAddress: 'smdp.example.com',
      }),
      euiccNotificationSignature: signature,
      euiccCertificate: certificate,
      eumCertificate: certificate,
    },
  }),
  sample('EUICCResponse', notification.EUICCResponse, {
    peStatus: [{ status: 4, identification: 7, 'additional-information': 1, offset: 12 }],
    profileInstallationAborted: null,
    statusMessage: 'no memory',
  }),
  sample('CancelSessionRequest', cancel.CancelSessionRequest, { transactionId, reason: 1 }),
  sample('CancelSessionResponse', cancel.CancelSessionResponse, {
    cancelSessionResponseOk: {
      euiccCancelSessionSigned: encoded(cancel.EuiccCancelSessionSigned, {
        transactionId,
        smdpOid: '2.999.10',
        reason: 127,
      }),
      euiccCancelSessionSignature: signature,
    },
  }),
  sample('CancelSessionResponse', cancel.CancelSessionResponse, { cancelSessionResponseError: 5 }),
  sample('GetEuiccInfo1Request', info.GetEuiccInfo1Request, {}),
  sample('GetEuiccInfo2Request', info.GetEuiccInfo2Request, {}),
  sample('GetEuiccChallengeResponse', local.GetEuiccChallengeResponse, {
    euiccChallenge: challenge,
  }),
  sample('EuiccConfiguredAddressesResponse', local.EuiccConfiguredAddressesResponse, {
    rootDsAddress: 'lpa.ds.gsma.com',
  }),
  sample('GetEuiccDataRequest', local.GetEuiccDataRequest, { tagList: Uint8Array.of(0x5a) }),
  sample('GetEuiccDataResponse', local.GetEuiccDataResponse, { eidValue: challenge }),
  sample('ListNotificationRequest', local.ListNotificationRequest, {}),
  sample('ListNotificationResponse', local.ListNotificationResponse, {
    notificationMetadataList: [notificationMetadata],
  }),
  sample('RetrieveNotificationsListRequest', local.RetrieveNotificationsListRequest, {
    searchCriteria: { seqNumber: 5 },
  }),
  sample('RetrieveNotificationsListResponse', local.RetrieveNotificationsListResponse, {
    notificationList: [{ profileInstallationResult: installed }],
  }),
  sample('NotificationSentRequest', local.NotificationSentRequest, { seqNumber: 5 }),
  sample('NotificationSentResponse', local.NotificationSentResponse, {
    deleteNotificationStatus: 0,
  }),
  sample('ProfileInfoListRequest', local.ProfileInfoListRequest, {
    searchCriteria: { profileClass: 0 },
    tagList: Uint8Array.of(0x5a, 0x9f, 0x70),
  }),
  sample('ProfileInfoListResponse', local.ProfileInfoListResponse, {
    profileInfoListOk: [{ iccid, profileState: 1, profileNickname: 'mine', profileClass: 2 }],
  }),
  sample('EnableProfileRequest', local.EnableProfileRequest, {
    profileIdentifier: { iccid },
    refreshFlag: true,
  }),
  sample('EnableProfileResponse', local.EnableProfileResponse, { enableResult: 2 }),
  sample('DisableProfileRequest', local.DisableProfileRequest, {
    profileIdentifier: { isdpAid: hex('a0000005591010ffffffff8900001100') },
    refreshFlag: false,
  }),
  sample('DisableProfileResponse', local.DisableProfileResponse, { disableResult: 0 }),
  sample('DeleteProfileRequest', local.DeleteProfileRequest, { iccid }),
  sample('DeleteProfileResponse', local.DeleteProfileResponse, { deleteResult: 127 }),
];
