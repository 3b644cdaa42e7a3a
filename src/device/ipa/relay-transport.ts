// Indirect download (SGP.32 §3.2.3.2): the functions of ES9+ through the eIM, so that an LPA's download becomes an IPA's.
import { parseActivationCode } from '../../rsp/activation-code.ts';
import {
  authenticateClientErrorsEsipa,
  cancelSessionErrorsEsipa,
  getBoundProfilePackageErrorsEsipa,
  initiateAuthenticationErrorsEsipa,
} from '../../rsp/eim-codes.ts';
import {
  AuthenticateServerResponseEsipa,
  CancelSessionResponseEsipa,
  PendingNotificationEsipa,
  PrepareDownloadResponseEsipa,
} from '../../rsp/definitions/compact.ts';
import {
  EsipaMessageFromIpaToEim,
  type EsipaMessageFromEimToIpa,
} from '../../rsp/definitions/esipa.ts';
import { EUICCInfo1 } from '../../rsp/definitions/euicc-info.ts';
import type { Asn1Type } from '../../rsp/asn1-type.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { formatTransactionId, parseTransactionId } from '../../rsp/identifiers.ts';
import { nameOf } from '../../rsp/reasons.ts';
import { fromBase64, toBase64 } from '../euicc-state.ts';
import type {
  Es9PlusAnswer,
  Es9PlusFunction,
  Es9PlusTransport,
  JsonObject,
} from '../es9plus-transport.ts';
import { callEsipa, otherAnswer } from './esipa.ts';
import { compactMessage, isRefusedAsCompact, learnedFrom } from './compact-relay.ts';
import type { SessionWithEim } from './compact-messages.ts';
import { EimBusy, type EsipaTransport } from './esipa-transport.ts';

export interface RelayOptions {
  /** Of the trigger, if it had one. */
  readonly eimTransactionId?: Uint8Array | undefined;
  /** Of the eUICC, for compact messages (minimizeEsipaBytes); what the eIM does not take as such is sent as a whole. */
  readonly compactFor?: Uint8Array | undefined;
}

export class RelayTransport implements Es9PlusTransport {
  readonly #transport: EsipaTransport;
  readonly #options: RelayOptions;
  #session: SessionWithEim = {};

  constructor(transport: EsipaTransport, options: RelayOptions = {}) {
    this.#transport = transport;
    this.#options = options;
  }

  async send(
    functionName: Es9PlusFunction,
    _smdpAddress: string,
    request: JsonObject,
  ): Promise<Es9PlusAnswer> {
    const { eimTransactionId, compactFor } = this.#options;
    const message = messageOf[functionName](request, eimTransactionId);
    const compact =
      compactFor === undefined ? undefined : compactMessage(message, this.#session, compactFor);
    if (functionName === 'handleNotification') {
      await this.#notify(message, compact);
      return { statusCode: 204, headers: {}, body: '' };
    }
    let answer = await callEsipa(this.#transport, functionName, compact ?? message);
    if (compact !== undefined && isRefusedAsCompact(answer)) {
      answer = await callEsipa(this.#transport, functionName, message);
    }
    if (compactFor !== undefined) this.#session = { ...this.#session, ...learnedFrom(answer) };
    const body = JSON.stringify(membersOf(functionName, answer));
    return { statusCode: 200, headers: {}, body };
  }

  /** SGP.32 §6.3.2.4: it has no response, so only the status tells whether it was taken. */
  async #notify(
    message: EsipaMessageFromIpaToEim,
    compact: EsipaMessageFromIpaToEim | undefined,
  ): Promise<void> {
    if (compact !== undefined) {
      try {
        await this.#transport.send(EsipaMessageFromIpaToEim.encode(compact));
        return;
      } catch (error) {
        if (!(error instanceof EimBusy)) throw error;
      }
    }
    await this.#transport.send(EsipaMessageFromIpaToEim.encode(message));
  }
}

const bytesOf = (request: JsonObject, name: string) => fromBase64(String(request[name]));

function encodedOf<T>(type: Asn1Type<T>, request: JsonObject, name: string): Encoded<T> {
  const der = bytesOf(request, name);
  return { value: type.decode(der), der };
}

const transactionIdOf = (request: JsonObject) =>
  parseTransactionId(String(request['transactionId'])) ?? new Uint8Array();

/** The request as a message. Throws `DerError` if a member is not what it should be. */
const messageOf: Readonly<
  Record<
    Es9PlusFunction,
    (request: JsonObject, eimTransactionId?: Uint8Array) => EsipaMessageFromIpaToEim
  >
> = {
  initiateAuthentication: (request, eimTransactionId) => ({
    initiateAuthenticationRequestEsipa: {
      euiccChallenge: bytesOf(request, 'euiccChallenge'),
      ...(request['smdpAddress'] === '' ? {} : { smdpAddress: String(request['smdpAddress']) }),
      euiccInfo1: encodedOf(EUICCInfo1, request, 'euiccInfo1'),
      ...(eimTransactionId === undefined ? {} : { eimTransactionId }),
    },
  }),
  authenticateClient: (request) => ({
    authenticateClientRequestEsipa: {
      transactionId: transactionIdOf(request),
      authenticateServerResponse: encodedOf(
        AuthenticateServerResponseEsipa,
        request,
        'authenticateServerResponse',
      ),
    },
  }),
  getBoundProfilePackage: (request) => ({
    getBoundProfilePackageRequestEsipa: {
      transactionId: transactionIdOf(request),
      prepareDownloadResponse: encodedOf(
        PrepareDownloadResponseEsipa,
        request,
        'prepareDownloadResponse',
      ),
    },
  }),
  handleNotification: (request) => ({
    handleNotificationEsipa: {
      pendingNotification: encodedOf(PendingNotificationEsipa, request, 'pendingNotification'),
    },
  }),
  cancelSession: (request) => ({
    cancelSessionRequestEsipa: {
      transactionId: transactionIdOf(request),
      cancelSessionResponse: encodedOf(
        CancelSessionResponseEsipa,
        request,
        'cancelSessionResponse',
      ),
    },
  }),
};

function membersOf(functionName: Es9PlusFunction, answer: EsipaMessageFromEimToIpa): JsonObject {
  const {
    initiateAuthenticationResponseEsipa: initiated,
    authenticateClientResponseEsipa: authenticated,
    getBoundProfilePackageResponseEsipa: bound,
    cancelSessionResponseEsipa: cancelled,
  } = answer;
  if (initiated !== undefined) {
    const { initiateAuthenticationOkEsipa: ok, initiateAuthenticationErrorEsipa: error } =
      initiated;
    if (ok === undefined) return failed(initiateAuthenticationErrorsEsipa, error);
    return executed({
      transactionId: ok.transactionId,
      serverSigned1: ok.serverSigned1,
      serverSignature1: ok.serverSignature1,
      euiccCiPKIdToBeUsed: ok.euiccCiPKIdentifierToBeUsed,
      serverCertificate: ok.serverCertificate,
      matchingId: ok.matchingId,
      ctxParams1: ok.ctxParams1,
    });
  }
  if (authenticated !== undefined) {
    const {
      authenticateClientOkDPEsipa: ok,
      authenticateClientOkDSEsipa: bySmds,
      authenticateClientErrorEsipa: error,
    } = authenticated;
    if (bySmds !== undefined) return eventsOf(bySmds);
    if (ok !== undefined) {
      const { profileMetaData: profileMetadata, ...rest } = ok;
      return executed({ ...rest, profileMetadata });
    }
    if (error !== undefined) return failed(authenticateClientErrorsEsipa, error);
    throw otherAnswer(functionName);
  }
  if (bound !== undefined) {
    const { getBoundProfilePackageOkEsipa: ok, getBoundProfilePackageErrorEsipa: error } = bound;
    return ok === undefined
      ? failed(getBoundProfilePackageErrorsEsipa, error)
      : executed({ ...ok });
  }
  if (cancelled === undefined) throw otherAnswer(functionName);
  const { cancelSessionError: error } = cancelled;
  return error === undefined ? executed({}) : failed(cancelSessionErrorsEsipa, error);
}

/** SGP.32 §6.3.2.2: the eIM has read the events of the SM-DS, and names the one with which to go on. */
function eventsOf({
  transactionId,
  profileDownloadTrigger: trigger,
}: NonNullable<
  NonNullable<
    EsipaMessageFromEimToIpa['authenticateClientResponseEsipa']
  >['authenticateClientOkDSEsipa']
>): JsonObject {
  const code = parseActivationCode(trigger?.profileDownloadData?.activationCode ?? '');
  const eventEntries =
    code === undefined ? [] : [{ eventId: code.matchingId, rspServerAddress: code.smdpAddress }];
  return { ...executed({ transactionId }), eventEntries };
}

function executed(members: Readonly<Record<string, Uint8Array | string | undefined>>): JsonObject {
  const inJson = Object.entries(members).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (typeof value === 'string') return [[name, value]];
    return [[name, name === 'transactionId' ? formatTransactionId(value) : toBase64(value)]];
  });
  const header = { functionExecutionStatus: { status: 'Executed-Success' } };
  return { header, ...(Object.fromEntries(inJson) as JsonObject) };
}

function failed(names: Readonly<Record<string, number>>, number: number): JsonObject {
  const message = `${nameOf(names, number) ?? 'an unknown error'} (${number})`;
  return { header: { functionExecutionStatus: { status: 'Failed', statusCodeData: { message } } } };
}
