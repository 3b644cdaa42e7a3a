// ES9+ in the ASN.1 binding (§6.6), for an LPA that speaks it: the members of a request as one message, and those of a
// response from one, so that the rest of the LPA is the same as with JSON.
import { AuthenticateServerResponse } from '../rsp/definitions/authenticate-server.ts';
import { CancelSessionResponse } from '../rsp/definitions/cancel-session.ts';
import {
  RemoteProfileProvisioningRequest as Request,
  RemoteProfileProvisioningResponse as Response,
} from '../rsp/definitions/es9plus.ts';
import { EUICCInfo1 } from '../rsp/definitions/euicc-info.ts';
import { PendingNotification } from '../rsp/definitions/notification.ts';
import { PrepareDownloadResponse } from '../rsp/definitions/prepare-download.ts';
import type { Asn1Type } from '../rsp/asn1-type.ts';
import type { Encoded } from '../rsp/encoded.ts';
import { es9PlusErrors, type AnsweredFunction } from '../rsp/es9plus-errors.ts';
import { formatTransactionId, parseTransactionId } from '../rsp/identifiers.ts';
import { fromBase64, toBase64 } from './euicc-state.ts';
import type { Es9PlusFunction, JsonObject } from './es9plus-transport.ts';

export const ASN1_PATH = '/gsma/rsp2/asn1';
export const ASN1_TYPE = 'application/x-gsma-rsp-asn1';

/** DER of the request with these members of the JSON binding. Throws `DerError` if one is not what it should be. */
export function asn1Request(name: Es9PlusFunction, members: JsonObject): Uint8Array {
  return Request.encode(WRITERS[name](new Members(members)));
}

/** The members of a request in the JSON binding, as values. */
class Members {
  readonly #members: JsonObject;

  constructor(members: JsonObject) {
    this.#members = members;
  }

  text(name: string): string {
    return String(this.#members[name]);
  }

  bytes(name: string): Uint8Array {
    return fromBase64(this.text(name));
  }

  message<T>(type: Asn1Type<T>, name: string): Encoded<T> {
    const der = this.bytes(name);
    return { value: type.decode(der), der };
  }

  get transactionId(): Uint8Array {
    return parseTransactionId(this.text('transactionId')) ?? new Uint8Array();
  }
}

const WRITERS: Readonly<Record<Es9PlusFunction, (members: Members) => Request>> = {
  initiateAuthentication: (members) => ({
    initiateAuthenticationRequest: {
      euiccChallenge: members.bytes('euiccChallenge'),
      smdpAddress: members.text('smdpAddress'),
      euiccInfo1: members.message(EUICCInfo1, 'euiccInfo1'),
    },
  }),
  authenticateClient: (members) => ({
    authenticateClientRequest: {
      transactionId: members.transactionId,
      authenticateServerResponse: members.message(
        AuthenticateServerResponse,
        'authenticateServerResponse',
      ),
    },
  }),
  getBoundProfilePackage: (members) => ({
    getBoundProfilePackageRequest: {
      transactionId: members.transactionId,
      prepareDownloadResponse: members.message(PrepareDownloadResponse, 'prepareDownloadResponse'),
    },
  }),
  handleNotification: (members) => ({
    handleNotification: {
      pendingNotification: members.message(PendingNotification, 'pendingNotification'),
    },
  }),
  cancelSession: (members) => ({
    cancelSessionRequestEs9: {
      transactionId: members.transactionId,
      cancelSessionResponse: members.message(CancelSessionResponse, 'cancelSessionResponse'),
    },
  }),
};

/** The response in the JSON binding; a refusal has the codes for which its number stands. Throws `DerError`. */
export function jsonOfResponse(der: Uint8Array): JsonObject {
  const {
    initiateAuthenticationResponse: initiated,
    authenticateClientResponseEs9: authenticated,
    getBoundProfilePackageResponse: bound,
    cancelSessionResponseEs9: cancelled,
  } = Response.decode(der);
  if (initiated !== undefined) {
    const { initiateAuthenticationOk: ok, initiateAuthenticationError: number } = initiated;
    return ok === undefined ? failed('initiateAuthentication', number) : executed(ok);
  }
  if (authenticated !== undefined) {
    const { authenticateClientOk: ok, authenticateClientError: number } = authenticated;
    if (ok === undefined) return failed('authenticateClient', number);
    const { profileMetaData: profileMetadata, ...rest } = ok;
    return executed({ ...rest, profileMetadata });
  }
  if (bound !== undefined) {
    const { getBoundProfilePackageOk: ok, getBoundProfilePackageError: number } = bound;
    return ok === undefined ? failed('getBoundProfilePackage', number) : executed(ok);
  }
  const { cancelSessionError: number } = cancelled;
  return number === undefined ? executed({}) : failed('cancelSession', number);
}

function executed(members: Readonly<Record<string, Uint8Array>>): JsonObject {
  const inJson = Object.entries(members).map(([name, value]) => [
    name,
    name === 'transactionId' ? formatTransactionId(value) : toBase64(value),
  ]);
  const header = { functionExecutionStatus: { status: 'Executed-Success' } };
  return { header, ...(Object.fromEntries(inJson) as JsonObject) };
}

function failed(name: AnsweredFunction, number: number): JsonObject {
  const found = es9PlusErrors[name].find((one) => one.number === number);
  const [subjectCode, reasonCode] = found?.codes[0]?.split('/') ?? [];
  const message = `${found?.name ?? 'an unknown error'} (${number})`;
  const statusCodeData = { subjectCode, reasonCode, message };
  return { header: { functionExecutionStatus: { status: 'Failed', statusCodeData } } };
}
