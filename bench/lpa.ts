// A device that costs little: its messages are prepared, except for what depends on the server, and it verifies nothing.
import { ServerSigned1 } from '../src/rsp/definitions/authenticate-server.ts';
import { ProfileInstallationResultData } from '../src/rsp/definitions/notification.ts';
import { encodeTlv } from '../src/rsp/der.ts';
import { encodeUtf8 } from '../src/rsp/der-values.ts';
import { encodeIccid } from '../src/rsp/identifiers.ts';
import type { LocalSigner } from '../src/rsp/signature.ts';
import type { Response } from './http.ts';

/** What a device has prepared for one download. */
export interface DownloadTicket {
  iccid: string;
  smdpAddress: string;
  smdpOid: string;
  /** DER of EUICCInfo1, of EUICCInfo2, and of CtxParams1 with the MatchingID. */
  euiccInfo1: Uint8Array;
  euiccInfo2: Uint8Array;
  ctxParams1: Uint8Array;
  euiccChallenge: Uint8Array;
  euiccOtpk: Uint8Array;
  signer: LocalSigner;
  euiccCertificate: Uint8Array;
  eumCertificate: Uint8Array;
}

type Send = (text: string) => Promise<Response>;

/** The four calls of a download. Throws if one is refused. */
export async function download(ticket: DownloadTicket, send: Send): Promise<void> {
  const { smdpAddress, signer } = ticket;
  const initiated = await call(send, 'initiateAuthentication', {
    euiccChallenge: base64(ticket.euiccChallenge),
    euiccInfo1: base64(ticket.euiccInfo1),
    smdpAddress,
  });
  const transactionId = initiated['transactionId']!;
  const serverSigned1 = ServerSigned1.decode(fromBase64(initiated['serverSigned1']!));
  const id = encodeTlv(0x80, serverSigned1.transactionId);

  const euiccSigned1 = encodeTlv(
    0x30,
    id,
    encodeTlv(0x83, encodeUtf8(smdpAddress)),
    encodeTlv(0x84, serverSigned1.serverChallenge),
    ticket.euiccInfo2,
    ticket.ctxParams1,
  );
  const authenticated = await call(send, 'authenticateClient', {
    transactionId,
    authenticateServerResponse: base64(
      encodeTlv(
        0xbf38,
        encodeTlv(
          0xa0,
          euiccSigned1,
          encodeTlv(0x5f37, signer.sign(euiccSigned1)),
          ticket.euiccCertificate,
          ticket.eumCertificate,
        ),
      ),
    ),
  });

  const euiccSigned2 = encodeTlv(0x30, id, encodeTlv(0x5f49, ticket.euiccOtpk));
  const smdpSignature2 = fromBase64(authenticated['smdpSignature2']!);
  const euiccSignature2 = signer.sign(Buffer.concat([euiccSigned2, smdpSignature2]));
  const response = encodeTlv(0xa0, euiccSigned2, encodeTlv(0x5f37, euiccSignature2));
  await call(
    send,
    'getBoundProfilePackage',
    { transactionId, prepareDownloadResponse: base64(encodeTlv(0xbf21, response)) },
    false,
  );

  const result = ProfileInstallationResultData.encode({
    transactionId: serverSigned1.transactionId,
    notificationMetadata: {
      seqNumber: 1,
      profileManagementOperation: ['notificationInstall'],
      notificationAddress: smdpAddress,
      iccid: encodeIccid(ticket.iccid),
    },
    smdpOid: ticket.smdpOid,
    finalResult: { successResult: { aid: ISDP_AID, simaResponse: ALL_OK } },
  });
  const signed = encodeTlv(0xbf37, result, encodeTlv(0x5f37, signer.sign(result)));
  await call(send, 'handleNotification', { pendingNotification: base64(signed) }, false);
}

/** Whether a download was not begun because the server has too much to do. */
export function isRefusedAsBusy(error: unknown): boolean {
  const { message } = error as Error;
  return message.startsWith('initiateAuthentication') && message.includes(BUSY);
}

/** The reason code of SGP.22 §5.2.6. */
export const BUSY = '"4.4"';

const ISDP_AID = Uint8Array.fromHex('a0000005591010ffffffff8900001000');
const ALL_OK = Uint8Array.fromHex('3007a0053003800100');

const SUCCESS = '"Executed-Success"';

/** @param isRead whether the response is parsed */
async function call(
  send: Send,
  name: string,
  members: Record<string, string>,
  isRead = true,
): Promise<Record<string, string>> {
  const body = JSON.stringify(members);
  const { status, body: answer } = await send(
    `POST /gsma/rsp2/es9plus/${name} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: gsma-rsp-lpad\r\n` +
      'X-Admin-Protocol: gsma/rsp/v2.2.0\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  if (status !== 204 && !(status === 200 && answer.includes(SUCCESS))) {
    throw new Error(`${name} is answered with ${status}: ${answer.toString().slice(0, 500)}`);
  }
  return isRead ? (JSON.parse(answer.toString()) as Record<string, string>) : {};
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.fromBase64(text);
}
