// The ASN.1 binding (§6.6): one path; the tag of the message names the function, and a number in its response why it is
// refused.
import { RemoteProfileProvisioningRequest as Request } from '../rsp/definitions/es9plus.ts';
import { RemoteProfileProvisioningResponse as Response } from '../rsp/definitions/es9plus.ts';
import { signature, SubjectKeyIdentifier } from '../rsp/definitions/basic-types.ts';
import { DerError } from '../rsp/der-error.ts';
import { DerReader, hexTag } from '../rsp/der.ts';
import { errorNumberOf } from '../rsp/es9plus-errors.ts';
import type { AnsweredFunction } from '../rsp/es9plus-errors.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { formatTransactionId, parseTransactionId } from '../rsp/identifiers.ts';
import type { Answer } from '../https/https-listener.ts';
import type { Binding } from './envelope.ts';
import { failedHead, NO_CONTENT } from './envelope.ts';
import type { DecodedCall, FunctionName } from './functions.ts';
import { answering, functions } from './functions.ts';
import { UnreadableBody } from '../https/request-body.ts';

export const ASN1_PATH = '/gsma/rsp2/asn1';
const ASN1_TYPE = 'application/x-gsma-rsp-asn1';

const NAMES: Readonly<Record<number, FunctionName>> = {
  0xbf39: 'initiateAuthentication',
  0xbf3b: 'authenticateClient',
  0xbf3a: 'getBoundProfilePackage',
  0xbf3d: 'handleNotification',
  0xbf41: 'cancelSession',
};

/** The function that a message calls. Throws `UnreadableBody` if it calls none, so that no response fits. */
export function functionOfMessage(body: Uint8Array): FunctionName {
  const named = namedTag(body);
  const name = named === undefined ? undefined : NAMES[named];
  if (name !== undefined) return name;
  const expected = Object.keys(NAMES).map((tag) => hexTag(Number(tag)));
  const found = named === undefined ? 'something else' : `'A2' { ${hexTag(named)} }`;
  throw new UnreadableBody(
    `The body must be a RemoteProfileProvisioningRequest, 'A2' { ${expected.join(', ')} }; got ${found}`,
    false,
  );
}

function namedTag(body: Uint8Array): number | undefined {
  try {
    return DerReader.inside(new DerReader(body).expect(0xa2, 'request')).peekTag();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return undefined;
  }
}

export const asn1Binding: Binding = {
  name: 'asn1',
  open: ({ body }) => ({ transactionId: namedTransaction(body), decode: () => decode(body) }),
  refused(failure, name) {
    const { status, headers = {} } = failedHead(failure, name);
    // It has no response, so the status alone tells that the notification must be sent again.
    if (name === 'handleNotification') return { status, headers, body: '' };
    const number = errorNumberOf(name, failure.refusal);
    return {
      status,
      headers: { ...headers, 'content-type': ASN1_TYPE },
      body: Response.encode(FAILED[name](number)),
    };
  },
};

const FAILED: Readonly<Record<AnsweredFunction, (number: number) => Response>> = {
  initiateAuthentication: (number) => ({
    initiateAuthenticationResponse: { initiateAuthenticationError: number },
  }),
  authenticateClient: (number) => ({
    authenticateClientResponseEs9: { authenticateClientError: number },
  }),
  getBoundProfilePackage: (number) => ({
    getBoundProfilePackageResponse: { getBoundProfilePackageError: number },
  }),
  cancelSession: (number) => ({ cancelSessionResponseEs9: { cancelSessionError: number } }),
};

/** In the log's format, even of a message that is otherwise malformed; null if it names none. */
function namedTransaction(body: Uint8Array): string | null {
  try {
    const message = DerReader.inside(new DerReader(body).next()).next();
    const first = DerReader.inside(message).nextIf(0x80)?.contents ?? new Uint8Array();
    return first.length >= 1 && first.length <= 16 ? formatTransactionId(first) : null;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return null;
  }
}

/** Throws 1.6 / 2.1. */
function decode(body: Uint8Array): DecodedCall<Answer> {
  try {
    return decodedCall(Request.decode(body));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new FunctionExecutionError('1.6', '2.1', `The message is not valid: ${error.message}`);
  }
}

function decodedCall(request: Request): DecodedCall<Answer> {
  const {
    initiateAuthenticationRequest: initiate,
    authenticateClientRequest: authenticate,
    getBoundProfilePackageRequest: bind,
    cancelSessionRequestEs9: cancel,
  } = request;
  if (initiate !== undefined) {
    return answering(functions.initiateAuthentication(initiate), (answer) =>
      executed({
        initiateAuthenticationResponse: {
          initiateAuthenticationOk: {
            transactionId: answer.transactionId,
            serverSigned1: answer.serverSigned1.der,
            serverSignature1: signature.encode(answer.serverSigned1.signature),
            euiccCiPKIdToBeUsed: SubjectKeyIdentifier.encode(answer.euiccCiPKIdToBeUsed),
            serverCertificate: answer.serverCertificate,
          },
        },
      }),
    );
  }
  if (authenticate !== undefined) {
    const transactionId = formatTransactionId(authenticate.transactionId);
    const message = authenticate.authenticateServerResponse;
    return answering(functions.authenticateClient({ transactionId, message }), (answer) =>
      executed({
        authenticateClientResponseEs9: {
          authenticateClientOk: {
            transactionId: parseTransactionId(answer.transactionId)!,
            profileMetaData: answer.profileMetadata,
            smdpSigned2: answer.smdpSigned2,
            smdpSignature2: signature.encode(answer.smdpSignature2),
            smdpCertificate: answer.smdpCertificate,
          },
        },
      }),
    );
  }
  if (bind !== undefined) {
    const transactionId = formatTransactionId(bind.transactionId);
    const message = bind.prepareDownloadResponse;
    return answering(functions.getBoundProfilePackage({ transactionId, message }), (answer) =>
      executed({
        getBoundProfilePackageResponse: {
          getBoundProfilePackageOk: {
            transactionId: parseTransactionId(answer.transactionId)!,
            boundProfilePackage: answer.boundProfilePackage,
          },
        },
      }),
    );
  }
  if (cancel !== undefined) {
    const transactionId = formatTransactionId(cancel.transactionId);
    const message = cancel.cancelSessionResponse;
    return answering(functions.cancelSession({ transactionId, message }), () =>
      executed({ cancelSessionResponseEs9: { cancelSessionOk: {} } }),
    );
  }
  const { pendingNotification } = request.handleNotification;
  return answering(functions.handleNotification(pendingNotification), () => NO_CONTENT);
}

function executed(response: Response): Answer {
  return {
    status: 200,
    headers: { 'content-type': ASN1_TYPE },
    body: Response.encode(response),
  };
}
