// The JSON binding (§6.5): a path for each function, whose members are text or base64 of DER.
import type { MessageName } from '../rsp/describe.ts';
import { AuthenticateServerResponse } from '../rsp/definitions/authenticate-server.ts';
import { signature, SubjectKeyIdentifier } from '../rsp/definitions/basic-types.ts';
import { CancelSessionResponse } from '../rsp/definitions/cancel-session.ts';
import { EUICCInfo1 } from '../rsp/definitions/euicc-info.ts';
import { PendingNotification } from '../rsp/definitions/notification.ts';
import { PrepareDownloadResponse } from '../rsp/definitions/prepare-download.ts';
import type { Encoded } from '../rsp/encoded.ts';
import { formatTransactionId, parseTransactionId } from '../rsp/identifiers.ts';
import type { Answer } from '../https/https-listener.ts';
import { failedHeader, parseMembers } from '../https/json-message.ts';
import type { Members } from '../https/json-message.ts';
import type { Binding } from './envelope.ts';
import { failedHead, NO_CONTENT } from './envelope.ts';
import type { DecodedCall, FunctionName } from './functions.ts';
import { answering, functions } from './functions.ts';
import { bytesMember, messageMember, textMember } from './members.ts';

/** ASCII, or bytes, which are sent as base64. */
type AnswerMembers = Readonly<Record<string, string | Uint8Array>>;

const JSON_TYPE = 'application/json;charset=UTF-8';

export const jsonBinding: Binding = {
  name: 'json',
  open({ name, body }) {
    const members = parseMembers(body.toString());
    return { transactionId: namedTransaction(members), decode: () => DECODERS[name](members) };
  },
  /** §5.2.6, §6.5.1: a refusal is a normal response. */
  refused(failure, name) {
    const header = failedHeader(failure.refusal);
    const { status, headers } = failedHead(failure, name);
    return {
      status,
      headers: { ...headers, 'content-type': JSON_TYPE },
      body: Buffer.from(JSON.stringify({ header })),
    };
  },
};

/** In the log's format; null if the members have none. */
function namedTransaction({ transactionId }: Members): string | null {
  const bytes = typeof transactionId === 'string' ? parseTransactionId(transactionId) : undefined;
  return bytes === undefined ? null : formatTransactionId(bytes);
}

/** Each throws 1.6 / 2.1 and 1.6 / 2.2. */
const DECODERS: Readonly<Record<FunctionName, (members: Members) => DecodedCall<Answer>>> = {
  initiateAuthentication: (members) =>
    answering(
      functions.initiateAuthentication({
        euiccChallenge: bytesMember(members, 'euiccChallenge'),
        euiccInfo1: messageMember(members, 'euiccInfo1', 'EUICCInfo1', EUICCInfo1),
        smdpAddress: textMember(members, 'smdpAddress'),
      }),
      ({ transactionId, serverSigned1, euiccCiPKIdToBeUsed, serverCertificate }) =>
        executed({
          transactionId: formatTransactionId(transactionId),
          serverSigned1: serverSigned1.der,
          serverSignature1: signature.encode(serverSigned1.signature),
          euiccCiPKIdToBeUsed: SubjectKeyIdentifier.encode(euiccCiPKIdToBeUsed),
          serverCertificate,
        }),
    ),

  authenticateClient: (members) =>
    answering(
      functions.authenticateClient(
        sessionMessage(members, 'AuthenticateServerResponse', AuthenticateServerResponse),
      ),
      (answer) =>
        executed({
          transactionId: answer.transactionId,
          profileMetadata: answer.profileMetadata,
          smdpSigned2: answer.smdpSigned2,
          smdpSignature2: signature.encode(answer.smdpSignature2),
          smdpCertificate: answer.smdpCertificate,
        }),
    ),

  getBoundProfilePackage: (members) =>
    answering(
      functions.getBoundProfilePackage(
        sessionMessage(members, 'PrepareDownloadResponse', PrepareDownloadResponse),
      ),
      ({ transactionId, boundProfilePackage }) => executed({ transactionId, boundProfilePackage }),
    ),

  handleNotification: (members) =>
    answering(
      functions.handleNotification(
        messageMember(members, 'pendingNotification', 'PendingNotification', PendingNotification),
      ),
      () => NO_CONTENT,
    ),

  cancelSession: (members) =>
    answering(
      functions.cancelSession(
        sessionMessage(members, 'CancelSessionResponse', CancelSessionResponse),
      ),
      () => executed({}),
    ),
};

const SUCCESS = '{"header":{"functionExecutionStatus":{"status":"Executed-Success"}}';

function executed(members: AnswerMembers): Answer {
  let body = SUCCESS;
  for (const [name, value] of Object.entries(members)) {
    body += `,"${name}":${typeof value === 'string' ? JSON.stringify(value) : `"${value.toBase64()}"`}`;
  }
  return { status: 200, headers: { 'content-type': JSON_TYPE }, body: `${body}}` };
}

/** The transaction ID and the eUICC's response, a member named like its type. */
function sessionMessage<T>(
  members: Members,
  name: MessageName,
  type: { decode(der: Uint8Array): T },
): { transactionId: string; message: Encoded<T> } {
  const transactionId = textMember(members, 'transactionId');
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return { transactionId, message: messageMember(members, member, name, type) };
}
