// The JSON binding (SGP.32 §6.4): a path for each function, whose members are texts, or base64 of DER. Members are read into the
// messages of the ASN.1 binding, so that both mean the same.
import { encodeUtf8 } from '../rsp/der-values.ts';
import {
  EimAcknowledgements,
  ProfileDownloadTriggerRequest,
} from '../rsp/definitions/eim-package.ts';
import { DerError } from '../rsp/der-error.ts';
import { encodeTlv, readDer } from '../rsp/der.ts';
import {
  eimPackageErrors,
  provideEimPackageResultErrors,
  stateChangeCauses,
} from '../rsp/eim-codes.ts';
import { encodeIntegerContents } from '../rsp/der-values.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { encodeEid, parseTransactionId } from '../rsp/identifiers.ts';
import type { Answer } from '../https/https-listener.ts';
import { failedHeader, parseMembers } from '../https/json-message.ts';
import type { Members } from '../https/json-message.ts';
import type { EsipaAnswer, EsipaFunction } from './answer-message.ts';
import type { EsipaBinding } from './binding.ts';
import { NO_CONTENT, readCall, TRY_AGAIN } from './binding.ts';

export const ESIPA_JSON_PATH = '/gsma/rsp2/esipa/';
export const JSON_TYPE = 'application/json;charset=UTF-8';

export const jsonBinding: EsipaBinding = {
  read(name, body) {
    return readCall(name, WRITERS[name](parseMembers(body.toString())));
  },

  answered(answer) {
    if ('handleNotification' in answer) return answer.handleNotification ? NO_CONTENT : TRY_AGAIN;
    return executed(membersOf(answer));
  },

  refused(name, refusal) {
    if (name === 'handleNotification') return { status: 400 };
    // These have numbers of their own.
    if (name === 'getEimPackage') {
      const missing = refusal instanceof WrongEid ? refusal.number : eimPackageErrors.missingEid;
      return executed({ eimPackageError: missing });
    }
    if (name === 'provideEimPackageResult') {
      const { undefinedError } = provideEimPackageResultErrors;
      const number = refusal instanceof WrongEid ? refusal.number : undefinedError;
      return executed({ provideEimPackageResultError: number });
    }
    return json({ header: failedHeader(refusal) });
  },
};

const json = (value: object): Answer => ({
  status: 200,
  headers: { 'content-type': JSON_TYPE },
  body: Buffer.from(JSON.stringify(value)),
});

const executed = (members: object): Answer =>
  json({ header: { functionExecutionStatus: { status: 'Executed-Success' } }, ...members });

/** An EID that is none: both functions have the same numbers for it. */
class WrongEid extends FunctionExecutionError {
  readonly number: number;

  constructor(number: number) {
    super('1.6', '2.1', 'eidValue must have 32 digits', 'eidValue');
    this.number = number;
  }
}

const tagged = (tag: number, bytes: Uint8Array | undefined) =>
  bytes === undefined ? [] : [encodeTlv(tag, bytes)];

/** Each writes the message of the ASN.1 binding. */
const WRITERS: Readonly<Record<EsipaFunction, (members: Members) => Uint8Array>> = {
  initiateAuthentication: (members) =>
    encodeTlv(
      0xbf39,
      ...tagged(0x81, needed(bytesIn(members, 'euiccChallenge'), 'euiccChallenge')),
      ...tagged(0x83, utf8In(members, 'smdpAddress')),
      ...whole(bytesIn(members, 'euiccInfo1')),
      ...tagged(0x82, transactionIn(members, 'eimTransactionId')),
    ),
  authenticateClient: (members) =>
    encodeTlv(
      0xbf3b,
      ...tagged(0x80, needed(transactionIn(members, 'transactionId'), 'transactionId')),
      needed(bytesIn(members, 'authenticateServerResponse'), 'authenticateServerResponse'),
    ),
  getBoundProfilePackage: (members) =>
    encodeTlv(
      0xbf3a,
      ...tagged(0x80, needed(transactionIn(members, 'transactionId'), 'transactionId')),
      needed(bytesIn(members, 'prepareDownloadResponse'), 'prepareDownloadResponse'),
    ),
  cancelSession: (members) =>
    encodeTlv(
      0xbf41,
      ...tagged(0x80, needed(transactionIn(members, 'transactionId'), 'transactionId')),
      // X.680 §31.2.7: the automatic tag replaces that of the CHOICE.
      encodeTlv(
        0xa1,
        contentsOf(needed(bytesIn(members, 'cancelSessionResponse'), 'cancelSessionResponse')),
      ),
    ),
  handleNotification(members) {
    const notification = bytesIn(members, 'pendingNotification');
    if (notification !== undefined) return encodeTlv(0xbf3d, encodeTlv(0xa0, notification));
    const result = needed(bytesIn(members, 'provideEimPackageResult'), 'pendingNotification');
    return encodeTlv(0xbf3d, result);
  },
  getEimPackage(members) {
    const eid = eidIn(members);
    if (eid === undefined) throw new WrongEid(eimPackageErrors.missingEid);
    const cause = members['stateChangeCause'];
    const known =
      typeof cause === 'number' && Object.values<number>(stateChangeCauses).includes(cause);
    return encodeTlv(
      0xbf4f,
      encodeTlv(0x5a, eid),
      ...(members['notifyStateChange'] === true ? [encodeTlv(0x80)] : []),
      ...(known ? [encodeTlv(0x81, encodeIntegerContents(cause))] : []),
      ...tagged(0x82, bytesIn(members, 'rPLMN')),
    );
  },
  provideEimPackageResult: (members) =>
    encodeTlv(
      0xbf50,
      ...tagged(0x5a, eidIn(members)),
      needed(bytesIn(members, 'eimPackageResult'), 'eimPackageResult'),
    ),
};

const whole = (bytes: Uint8Array | undefined) => (bytes === undefined ? [] : [bytes]);

function contentsOf(der: Uint8Array): Uint8Array {
  try {
    return readDer(der).contents;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new FunctionExecutionError('1.6', '2.1', `Not DER: ${error.message}`);
  }
}

/** Throws 1.6 / 2.2. */
function needed(bytes: Uint8Array | undefined, name: string): Uint8Array {
  if (bytes === undefined) {
    throw new FunctionExecutionError('1.6', '2.2', `${name} is missing`, name);
  }
  return bytes;
}

function textIn(members: Members, name: string): string | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new FunctionExecutionError('1.6', '2.1', `${name} must be a string`, name);
}

function utf8In(members: Members, name: string): Uint8Array | undefined {
  const text = textIn(members, name);
  return text === undefined ? undefined : encodeUtf8(text);
}

function bytesIn(members: Members, name: string): Uint8Array | undefined {
  const text = textIn(members, name);
  if (text === undefined) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(text);
    if (bytes.length > 0) return bytes;
  } catch {
    // Below.
  }
  throw new FunctionExecutionError('1.6', '2.1', `${name} must be base64`, name);
}

function transactionIn(members: Members, name: string): Uint8Array | undefined {
  const text = textIn(members, name);
  if (text === undefined) return undefined;
  const bytes = parseTransactionId(text);
  if (bytes !== undefined) return bytes;
  throw new FunctionExecutionError(
    '1.6',
    '2.1',
    `${name} must be 2 to 32 hexadecimal digits`,
    name,
  );
}

function eidIn(members: Members): Uint8Array | undefined {
  const value = members['eidValue'];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || !/^[0-9A-F]{32}$/i.test(value)) {
    throw new WrongEid(eimPackageErrors.invalidEid);
  }
  return encodeEid(value);
}

/** By the tag of the package. */
export const PACKAGE_MEMBERS: Readonly<Record<number, string>> = {
  0xbf51: 'euiccPackageRequest',
  0xbf52: 'ipaEuiccDataRequest',
  0xbf53: 'eimAcknowledgements',
  0xbf54: 'profileDownloadTriggerRequest',
};

function membersOf(answer: Exclude<EsipaAnswer, { handleNotification: boolean }>): object {
  if ('getEimPackage' in answer) {
    const { getEimPackage: given } = answer;
    if (typeof given === 'number') return { eimPackageError: given };
    return { [PACKAGE_MEMBERS[readDer(given).tag]!]: given.toBase64() };
  }
  if ('provideEimPackageResult' in answer) {
    const { acknowledged, error } = answer.provideEimPackageResult;
    if (error !== undefined) return { provideEimPackageResultError: error };
    if (acknowledged.length === 0) return {};
    return { eimAcknowledgements: EimAcknowledgements.encode(acknowledged).toBase64() };
  }
  if ('cancelSession' in answer) return {};
  if ('initiateAuthentication' in answer) return inBase64(answer.initiateAuthentication);
  if ('getBoundProfilePackage' in answer) return inBase64(answer.getBoundProfilePackage);
  const { authenticateClient: authenticated } = answer;
  if (!('profileDownloadTrigger' in authenticated)) return inBase64(authenticated);
  const { profileDownloadTrigger: trigger, ...others } = authenticated;
  return inBase64({
    ...others,
    ...(trigger === undefined
      ? {}
      : { profileDownloadTrigger: ProfileDownloadTriggerRequest.encode(trigger) }),
  });
}

const inBase64 = (members: object): object =>
  Object.fromEntries(
    Object.entries(members).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Uint8Array ? value.toBase64() : value,
    ]),
  );
