// Which of the relayed messages are sent in compact form (minimizeEsipaBytes, SGP.32 §6.3.2), and what an IPA remembers of a session for it.
import { SmdpSigned2 } from '../../rsp/definitions/prepare-download.ts';
import type {
  EsipaMessageFromEimToIpa,
  EsipaMessageFromIpaToEim,
} from '../../rsp/definitions/esipa.ts';
import { readDer } from '../../rsp/der.ts';
import {
  authenticateClientErrorsEsipa,
  cancelSessionErrorsEsipa,
  getBoundProfilePackageErrorsEsipa,
  initiateAuthenticationErrorsEsipa,
} from '../../rsp/eim-codes.ts';
import {
  compactAuthenticateServerResponse,
  compactCancelSessionResponse,
  compactNotification,
  compactPrepareDownloadResponse,
  type SessionWithEim,
} from './compact-messages.ts';

/** @returns undefined if nothing can be left out */
export function compactMessage(
  message: EsipaMessageFromIpaToEim,
  session: SessionWithEim,
  eidValue: Uint8Array,
): EsipaMessageFromIpaToEim | undefined {
  const {
    initiateAuthenticationRequestEsipa: initiate,
    authenticateClientRequestEsipa: authenticate,
    getBoundProfilePackageRequestEsipa: bind,
    cancelSessionRequestEsipa: cancel,
    handleNotificationEsipa: handle,
  } = message;
  if (initiate !== undefined) {
    // Only by the transaction does the eIM know of which eUICC it is.
    if (initiate.eimTransactionId === undefined) return undefined;
    const { euiccInfo1: _info, ...others } = initiate;
    return { initiateAuthenticationRequestEsipa: others };
  }
  if (authenticate !== undefined) {
    const response = compactAuthenticateServerResponse(
      authenticate.authenticateServerResponse,
      session,
    );
    return (
      response && {
        authenticateClientRequestEsipa: { ...authenticate, authenticateServerResponse: response },
      }
    );
  }
  if (bind !== undefined) {
    const response = compactPrepareDownloadResponse(bind.prepareDownloadResponse, session);
    return (
      response && {
        getBoundProfilePackageRequestEsipa: { ...bind, prepareDownloadResponse: response },
      }
    );
  }
  if (cancel !== undefined) {
    const response = compactCancelSessionResponse(cancel.cancelSessionResponse);
    return (
      response && {
        cancelSessionRequestEsipa: { ...cancel, cancelSessionResponse: response },
      }
    );
  }
  const notification = handle?.pendingNotification;
  const pendingNotification = notification && compactNotification(notification, eidValue);
  return pendingNotification && { handleNotificationEsipa: { pendingNotification } };
}

/** The eIM may miss what was left out, or know something that is not true any more. */
export function isRefusedAsCompact(answer: EsipaMessageFromEimToIpa): boolean {
  const errors = [
    [
      answer.initiateAuthenticationResponseEsipa?.initiateAuthenticationErrorEsipa,
      initiateAuthenticationErrorsEsipa.undefinedError,
    ],
    [
      answer.authenticateClientResponseEsipa?.authenticateClientErrorEsipa,
      authenticateClientErrorsEsipa.undefinedError,
      authenticateClientErrorsEsipa.euiccSignatureInvalid,
    ],
    [
      answer.getBoundProfilePackageResponseEsipa?.getBoundProfilePackageErrorEsipa,
      getBoundProfilePackageErrorsEsipa.undefinedError,
      getBoundProfilePackageErrorsEsipa.euiccSignatureInvalid,
    ],
    [
      answer.cancelSessionResponseEsipa?.cancelSessionError,
      cancelSessionErrorsEsipa.undefinedError,
      cancelSessionErrorsEsipa.euiccSignatureInvalid,
    ],
  ];
  return errors.some(([error, ...those]) => error !== undefined && those.includes(error));
}

export function learnedFrom(answer: EsipaMessageFromEimToIpa): SessionWithEim {
  const initiated = answer.initiateAuthenticationResponseEsipa?.initiateAuthenticationOkEsipa;
  if (initiated !== undefined) {
    const { serverSigned1, ctxParams1 } = initiated;
    return { serverSigned1, ctxParams1 };
  }
  const authenticated = answer.authenticateClientResponseEsipa?.authenticateClientOkDPEsipa;
  if (authenticated === undefined) return {};
  const { bppEuiccOtpk } = SmdpSigned2.decode(authenticated.smdpSigned2);
  const hashCc = authenticated.hashCc && readDer(authenticated.hashCc).contents;
  return { bppEuiccOtpk, hashCc };
}
