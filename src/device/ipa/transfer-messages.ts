// ESipa.TransferEimPackage as an IPA reads and answers it, in both bindings (SGP.32 §6.3.2.8, §6.4).
import {
  TransferEimPackageRequest,
  TransferEimPackageResponse,
} from '../../rsp/definitions/esipa.ts';
import { DerError } from '../../rsp/der-error.ts';
import { childrenOf } from '../../rsp/asn1-tolerant.ts';
import { encodeTlv, readDer } from '../../rsp/der.ts';
import { ASN1_PATH, ASN1_TYPE } from '../es9plus-asn1.ts';

export interface TransferMessages {
  readonly type: string;
  /** Throws `DerError`. */
  read(body: Uint8Array): TransferEimPackageRequest;
  write(answer: TransferEimPackageResponse): Uint8Array;
}

const MEMBERS = [
  'euiccPackageRequest',
  'ipaEuiccDataRequest',
  'eimAcknowledgements',
  'profileDownloadTriggerRequest',
];

const asn1: TransferMessages = {
  type: ASN1_TYPE,
  read: (body) => TransferEimPackageRequest.decode(body),
  write: (answer) => TransferEimPackageResponse.encode(answer),
};

const json: TransferMessages = {
  type: 'application/json;charset=UTF-8',
  read(body) {
    const members = membersIn(body);
    const given = MEMBERS.map((name) => members[name]).find((value) => value !== undefined);
    if (typeof given !== 'string') throw new DerError(`expected one of ${MEMBERS.join(', ')}`, 0);
    return TransferEimPackageRequest.decode(encodeTlv(0xbf4e, fromBase64(given)));
  },
  write(answer) {
    const header = { functionExecutionStatus: { status: 'Executed-Success' } };
    return Buffer.from(JSON.stringify({ header, ...membersOf(answer) }));
  },
};

/** By path. */
export const TRANSFER_MESSAGES: Readonly<Record<string, TransferMessages>> = {
  [ASN1_PATH]: asn1,
  '/gsma/rsp2/esipa/transferEimPackage': json,
};

function membersOf(answer: TransferEimPackageResponse): object {
  if (answer.eimPackageReceived !== undefined) return { eimPackageReceived: true };
  if (answer.eimPackageError !== undefined) return { eimPackageError: answer.eimPackageError };
  const { contents } = readDer(TransferEimPackageResponse.encode(answer));
  if (answer.ePRAndNotifications === undefined) {
    const name =
      answer.euiccPackageResult === undefined ? 'ipaEuiccDataResponse' : 'euiccPackageResult';
    return { [name]: contents.toBase64() };
  }
  const [result, list] = childrenOf(readDer(contents));
  return {
    ePRAndNotifications: {
      euiccPackageResult: result!.der.toBase64(),
      notificationList: encodeTlv(0x30, list!.contents).toBase64(),
    },
  };
}

function membersIn(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Below.
  }
  throw new DerError('the body is no JSON object', 0);
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw new DerError('expected base64', 0);
  }
}
