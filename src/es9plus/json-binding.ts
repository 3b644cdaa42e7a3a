// §6.5.2: converts between the JSON members of ES9+ requests and responses and their values.
import type { MessageName } from '../rsp/describe.ts';
import { AuthenticateServerResponse } from '../rsp/definitions/authenticate-server.ts';
import { signature, SubjectKeyIdentifier } from '../rsp/definitions/basic-types.ts';
import { CancelSessionResponse } from '../rsp/definitions/cancel-session.ts';
import { EUICCInfo1 } from '../rsp/definitions/euicc-info.ts';
import { PendingNotification } from '../rsp/definitions/notification.ts';
import { PrepareDownloadResponse } from '../rsp/definitions/prepare-download.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { formatTransactionId } from '../rsp/identifiers.ts';
import { authenticateClient } from '../smdp/download/authenticateClient.ts';
import type { AuthenticateClientRequest } from '../smdp/download/authenticateClient.ts';
import { cancelSession } from '../smdp/download/cancelSession.ts';
import type { CancelSessionRequest } from '../smdp/download/cancelSession.ts';
import { getBoundProfilePackage } from '../smdp/download/getBoundProfilePackage.ts';
import type { GetBoundProfilePackageRequest } from '../smdp/download/getBoundProfilePackage.ts';
import { handleNotification } from '../smdp/download/handleNotification.ts';
import type { HandleNotificationRequest } from '../smdp/download/handleNotification.ts';
import { initiateAuthentication } from '../smdp/download/initiateAuthentication.ts';
import type { InitiateAuthenticationRequest } from '../smdp/download/initiateAuthentication.ts';
import type { Context } from '../context.ts';
import type { Call, Outcome } from '../smdp/download/call.ts';
import { loggedMessage, loggedPrepareDownloadResponse } from '../smdp/download/logged-message.ts';
import type { Members } from './members.ts';
import { bytesMember, messageMember, textMember } from './members.ts';

export type FunctionName =
  | 'initiateAuthentication'
  | 'authenticateClient'
  | 'getBoundProfilePackage'
  | 'handleNotification'
  | 'cancelSession';

/** ASCII, or bytes, which are sent as base64. */
export type AnswerMembers = Readonly<Record<string, string | Uint8Array>>;

/** A function in this binding. */
interface Binding<Request, Answer> {
  /** Throws 1.6 / 2.1 and 1.6 / 2.2. */
  decode: (members: Members) => Decoded<Request>;
  run: (request: Request, call: Call, context: Context) => Promise<Outcome<Answer>>;
  /** The members of the response, without its header. */
  encode: (answer: Answer) => AnswerMembers;
}

interface Decoded<Request> {
  request: Request;
  /** The text for the log. */
  logged: string;
}

/** A decoded call, which runs the function and encodes its response. */
export interface DecodedCall {
  logged: string;
  run(call: Call, context: Context): Promise<Outcome<AnswerMembers>>;
}

/** By the last part of the path. */
export const FUNCTIONS: Readonly<Record<FunctionName, (members: Members) => DecodedCall>> = {
  initiateAuthentication: bind({
    decode(members): Decoded<InitiateAuthenticationRequest> {
      const euiccChallenge = bytesMember(members, 'euiccChallenge');
      if (euiccChallenge.length !== 16) {
        throw new FunctionExecutionError(
          '1.6',
          '2.1',
          'euiccChallenge must have 16 octets',
          'euiccChallenge',
        );
      }
      const euiccInfo1 = messageMember(members, 'euiccInfo1', 'EUICCInfo1', EUICCInfo1);
      checkSize(euiccInfo1);
      const smdpAddress = textMember(members, 'smdpAddress');
      return {
        request: { euiccChallenge, euiccInfo1: euiccInfo1.value, smdpAddress },
        logged: loggedMessage('EUICCInfo1', euiccInfo1.der),
      };
    },
    run: initiateAuthentication,
    encode: ({ transactionId, serverSigned1, euiccCiPKIdToBeUsed, serverCertificate }) => ({
      transactionId: formatTransactionId(transactionId),
      serverSigned1: serverSigned1.der,
      serverSignature1: signature.encode(serverSigned1.signature),
      euiccCiPKIdToBeUsed: SubjectKeyIdentifier.encode(euiccCiPKIdToBeUsed),
      serverCertificate,
    }),
  }),

  authenticateClient: bind({
    decode(members): Decoded<AuthenticateClientRequest> {
      const { transactionId, value, der } = sessionMessage(
        members,
        'AuthenticateServerResponse',
        AuthenticateServerResponse,
      );
      return {
        request: { transactionId, authenticateServerResponse: value, der },
        logged: loggedMessage('AuthenticateServerResponse', der),
      };
    },
    run: authenticateClient,
    encode: (answer) => ({
      transactionId: answer.transactionId,
      profileMetadata: answer.profileMetadata,
      smdpSigned2: answer.smdpSigned2,
      smdpSignature2: signature.encode(answer.smdpSignature2),
      smdpCertificate: answer.smdpCertificate,
    }),
  }),

  getBoundProfilePackage: bind({
    decode(members): Decoded<GetBoundProfilePackageRequest> {
      const { transactionId, value, der } = sessionMessage(
        members,
        'PrepareDownloadResponse',
        PrepareDownloadResponse,
      );
      return {
        request: { transactionId, prepareDownloadResponse: value, der },
        logged: loggedPrepareDownloadResponse('PrepareDownloadResponse', der, value),
      };
    },
    run: getBoundProfilePackage,
    encode: ({ transactionId, boundProfilePackage }) => ({ transactionId, boundProfilePackage }),
  }),

  handleNotification: bind({
    decode(members): Decoded<HandleNotificationRequest> {
      const { value, der } = messageMember(
        members,
        'pendingNotification',
        'PendingNotification',
        PendingNotification,
      );
      return {
        request: { pendingNotification: value },
        logged: loggedMessage('PendingNotification', der),
      };
    },
    run: handleNotification,
    encode: () => ({}),
  }),

  cancelSession: bind({
    decode(members): Decoded<CancelSessionRequest> {
      const { transactionId, value, der } = sessionMessage(
        members,
        'CancelSessionResponse',
        CancelSessionResponse,
      );
      return {
        request: { transactionId, cancelSessionResponse: value },
        logged: loggedMessage('CancelSessionResponse', der),
      };
    },
    run: cancelSession,
    encode: () => ({}),
  }),
};

function bind<Request, Answer>({
  decode,
  run,
  encode,
}: Binding<Request, Answer>): (members: Members) => DecodedCall {
  return (members) => {
    const { request, logged } = decode(members);
    return {
      logged,
      async run(call, context) {
        const outcome = await run(request, call, context);
        return 'error' in outcome ? outcome : { ...outcome, answer: encode(outcome.answer) };
      },
    };
  };
}

/** Decodes the transaction ID and the eUICC's response, a member named like its type. */
function sessionMessage<T>(
  members: Members,
  message: MessageName,
  type: { decode(der: Uint8Array): T },
): { transactionId: string; value: T; der: Uint8Array } {
  const transactionId = textMember(members, 'transactionId');
  const name = message.charAt(0).toLowerCase() + message.slice(1);
  return { transactionId, ...messageMember(members, name, message, type) };
}

const CI_LIMIT = 32;
const EUICC_INFO1_LIMIT = 2048;

/** A real eUICC names a handful of CIs, not hundreds. → 1.6 / 2.1 */
function checkSize({ value, der }: { value: EUICCInfo1; der: Uint8Array }): void {
  const { euiccCiPKIdListForVerification, euiccCiPKIdListForSigning } = value;
  const count = Math.max(euiccCiPKIdListForVerification.length, euiccCiPKIdListForSigning.length);
  if (count <= CI_LIMIT && der.length <= EUICC_INFO1_LIMIT) return;
  const limits = `${CI_LIMIT} CIs a list and ${EUICC_INFO1_LIMIT} octets`;
  throw new FunctionExecutionError(
    '1.6',
    '2.1',
    `euiccInfo1 is too long: at most ${limits}`,
    'euiccInfo1',
  );
}
