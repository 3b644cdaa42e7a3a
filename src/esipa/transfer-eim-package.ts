// SGP.32 §6.3.2.8, §6.4: ESipa.TransferEimPackage in both bindings, in which the eIM is the client.
import type { TransferBinding, TransferBindings } from '../eim/injection/ipa.ts';
import { parseMembers } from '../https/json-message.ts';
import type { Members } from '../https/json-message.ts';
import { TransferEimPackageResponse } from '../rsp/definitions/esipa.ts';
import { encodeTlv, readDer } from '../rsp/der.ts';
import { encodeIntegerContents } from '../rsp/der-values.ts';
import { eimPackageResultErrorCodes } from '../rsp/eim-codes.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { ASN1_TYPE, ESIPA_ASN1_PATH } from './asn1-binding.ts';
import { ESIPA_PROTOCOL } from './binding.ts';
import { ESIPA_JSON_PATH, JSON_TYPE, PACKAGE_MEMBERS } from './json-binding.ts';

const TRANSFER = 0xbf4e;
const RECEIVED = encodeTlv(TRANSFER, encodeTlv(0x05));

const asn1: TransferBinding = {
  path: ESIPA_ASN1_PATH,
  headers: {
    'Content-Type': ASN1_TYPE,
    Accept: ASN1_TYPE,
    'X-Admin-Protocol': ESIPA_PROTOCOL,
  },
  write: (eimPackage) => encodeTlv(TRANSFER, eimPackage),
  // Without a body it was received, and no more is said.
  read: (body) => TransferEimPackageResponse.decode(body.length === 0 ? RECEIVED : body),
};

const json: TransferBinding = {
  path: `${ESIPA_JSON_PATH}transferEimPackage`,
  headers: {
    'Content-Type': JSON_TYPE,
    Accept: JSON_TYPE,
    'X-Admin-Protocol': ESIPA_PROTOCOL,
  },
  write(eimPackage) {
    const name = PACKAGE_MEMBERS[readDer(eimPackage).tag]!;
    return Buffer.from(JSON.stringify({ [name]: eimPackage.toBase64() }));
  },
  read(body) {
    if (body.length === 0) return TransferEimPackageResponse.decode(RECEIVED);
    const members = parseMembers(Buffer.from(body).toString());
    return TransferEimPackageResponse.decode(encodeTlv(TRANSFER, answerIn(members)));
  },
};

export const transferBindings: TransferBindings = { asn1, json };

/** DER of what was chosen. Throws `FunctionExecutionError`. */
function answerIn(members: Members): Uint8Array {
  for (const name of ['euiccPackageResult', 'ipaEuiccDataResponse'] as const) {
    if (members[name] !== undefined) return derIn(members, name);
  }
  for (const name of ['eimPackageErrorWithCid', 'eimPackageReceivedWithCid'] as const) {
    if (typeof members[name] === 'string') return derIn(members, name);
  }
  const both = members['ePRAndNotifications'];
  if (typeof both === 'string') return derIn(members, 'ePRAndNotifications');
  if (typeof both === 'object' && both !== null) {
    const { contents } = readDer(derIn(both as Members, 'notificationList'));
    const result = derIn(both as Members, 'euiccPackageResult');
    // PendingNotificationList has the tag of a SEQUENCE OF by itself.
    return encodeTlv(0x30, result, encodeTlv(0xa0, contents));
  }
  const error = members['eimPackageError'];
  if (typeof error === 'number' && Number.isSafeInteger(error)) return errorOf(error);
  if (isFailed(members)) return errorOf(eimPackageResultErrorCodes.undefinedError);
  return encodeTlv(0x05);
}

const errorOf = (number: number) => encodeTlv(0x02, encodeIntegerContents(number));

function isFailed({ header }: Members): boolean {
  const { functionExecutionStatus: execution } = objectOf(header);
  const { status } = objectOf(execution);
  return typeof status === 'string' && !status.startsWith('Executed');
}

const objectOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {};

function derIn(members: Members, name: string): Uint8Array {
  const text = members[name];
  try {
    if (typeof text === 'string') return Uint8Array.fromBase64(text);
  } catch {
    // Below.
  }
  throw new FunctionExecutionError('1.6', '2.1', `${name} must be base64`, name);
}
