// ES9+ from the LPA's side (§5.6, JSON binding of §6.5): a method for each function, over HTTPS that trusts only CIs.
import { DerReader } from '../rsp/der.ts';
import { DerError } from '../rsp/der-error.ts';
import { fromBase64, toBase64 } from './euicc-state.ts';
import type { Es9PlusFunction, Es9PlusTransport, JsonObject } from './es9plus-transport.ts';

interface StatusCodeData {
  readonly subjectCode?: string;
  readonly reasonCode?: string;
  readonly message?: string;
}

/** The server refused (§5.2.6), or its response is invalid. */
export class Es9PlusError extends Error {
  override readonly name = 'Es9PlusError';
  readonly functionName: Es9PlusFunction;
  /** From the function execution status; undefined if the response had none. */
  readonly subjectCode: string | undefined;
  readonly reasonCode: string | undefined;
  /** The server's message. */
  readonly serverMessage: string | undefined;

  constructor(functionName: Es9PlusFunction, message: string, statusCodeData: StatusCodeData = {}) {
    super(message);
    this.functionName = functionName;
    this.serverMessage = statusCodeData.message;
    this.subjectCode = statusCodeData.subjectCode;
    this.reasonCode = statusCodeData.reasonCode;
  }
}

export interface InitiateAuthenticationResponse {
  readonly transactionId: string;
  /** TLVs as received, passed to the eUICC unread. */
  readonly serverSigned1: Uint8Array;
  readonly serverSignature1: Uint8Array;
  readonly euiccCiPKIdToBeUsed: Uint8Array;
  readonly serverCertificate: Uint8Array;
  /** Of an eIM that handles the download data (SGP.32 §6.3.2.1). */
  readonly matchingId?: string;
  /** Of an eIM that makes CtxParams1. */
  readonly ctxParams1?: Uint8Array;
}

export interface AuthenticateClientResponse {
  readonly transactionId: string;
  readonly profileMetadata: Uint8Array;
  readonly smdpSigned2: Uint8Array;
  readonly smdpSignature2: Uint8Array;
  readonly smdpCertificate: Uint8Array;
  /** Of a confirmation code that an eIM holds (SGP.32 §6.3.2.2). */
  readonly hashCc?: Uint8Array;
}

export interface GetBoundProfilePackageResponse {
  readonly transactionId: string;
  readonly boundProfilePackage: Uint8Array;
}

export class Es9Plus {
  readonly #transport: Es9PlusTransport;

  constructor(transport: Es9PlusTransport) {
    this.#transport = transport;
  }

  /** §5.6.1. `smdpAddress` is the host to call, which is also sent to the server; empty: an eIM knows it. */
  async initiateAuthentication(
    smdpAddress: string,
    euiccChallenge: Uint8Array,
    euiccInfo1: Uint8Array,
  ): Promise<InitiateAuthenticationResponse> {
    const answer = await call(this.#transport, 'initiateAuthentication', smdpAddress, {
      euiccChallenge: toBase64(euiccChallenge),
      euiccInfo1: toBase64(euiccInfo1),
      smdpAddress,
    });
    return {
      transactionId: answer.text('transactionId'),
      serverSigned1: answer.tlv('serverSigned1', 0x30),
      serverSignature1: answer.tlv('serverSignature1', 0x5f37),
      euiccCiPKIdToBeUsed: answer.tlv('euiccCiPKIdToBeUsed', 0x04),
      serverCertificate: answer.tlv('serverCertificate', 0x30),
      ...(answer.has('matchingId') ? { matchingId: answer.text('matchingId') } : {}),
      ...(answer.has('ctxParams1') ? { ctxParams1: answer.tlv('ctxParams1', 0xa0) } : {}),
    };
  }

  /** §5.6.3 */
  async authenticateClient(
    smdpAddress: string,
    transactionId: string,
    authenticateServerResponse: Uint8Array,
  ): Promise<AuthenticateClientResponse> {
    const answer = await call(this.#transport, 'authenticateClient', smdpAddress, {
      transactionId,
      authenticateServerResponse: toBase64(authenticateServerResponse),
    });
    return {
      transactionId: answer.text('transactionId'),
      profileMetadata: answer.tlv('profileMetadata', 0xbf25),
      smdpSigned2: answer.tlv('smdpSigned2', 0x30),
      smdpSignature2: answer.tlv('smdpSignature2', 0x5f37),
      smdpCertificate: answer.tlv('smdpCertificate', 0x30),
      ...(answer.has('hashCc') ? { hashCc: answer.tlv('hashCc', 0x04) } : {}),
    };
  }

  /** §5.6.2 */
  async getBoundProfilePackage(
    smdpAddress: string,
    transactionId: string,
    prepareDownloadResponse: Uint8Array,
  ): Promise<GetBoundProfilePackageResponse> {
    const answer = await call(this.#transport, 'getBoundProfilePackage', smdpAddress, {
      transactionId,
      prepareDownloadResponse: toBase64(prepareDownloadResponse),
    });
    return {
      transactionId: answer.text('transactionId'),
      boundProfilePackage: answer.tlv('boundProfilePackage', 0xbf36),
    };
  }

  /** §5.6.4: the response is an empty 204. */
  async handleNotification(smdpAddress: string, pendingNotification: Uint8Array): Promise<void> {
    const name = 'handleNotification';
    const request = { pendingNotification: toBase64(pendingNotification) };
    const { statusCode } = await this.#transport.send(name, smdpAddress, request);
    if (statusCode !== 204) throw new Es9PlusError(name, `HTTP status ${statusCode}, not 204`);
  }

  /** §5.6.5 */
  async cancelSession(
    smdpAddress: string,
    transactionId: string,
    cancelSessionResponse: Uint8Array,
  ): Promise<void> {
    await call(this.#transport, 'cancelSession', smdpAddress, {
      transactionId,
      cancelSessionResponse: toBase64(cancelSessionResponse),
    });
  }
}

/** Calls a function of ES9+ or ES11. Throws `Es9PlusError` if it is refused. */
export async function call(
  transport: Es9PlusTransport,
  name: Es9PlusFunction,
  address: string,
  request: JsonObject,
): Promise<Answer> {
  const { statusCode, body } = await transport.send(name, address, request);
  // §6.5.1: every result of a function, even a refusal, has status 200.
  if (statusCode !== 200) throw new Es9PlusError(name, `HTTP status ${statusCode}, not 200`);
  const answer = new Answer(name, parseObject(name, body));
  answer.requireSuccess();
  return answer;
}

interface ResponseHeader {
  readonly functionExecutionStatus?: {
    readonly status?: string;
    readonly statusCodeData?: StatusCodeData;
  };
}

/** Reads the members of a JSON response by type. */
export class Answer {
  readonly #name: Es9PlusFunction;
  readonly #members: JsonObject;

  constructor(name: Es9PlusFunction, members: JsonObject) {
    this.#name = name;
    this.#members = members;
  }

  requireSuccess(): void {
    const { header } = this.#members as { header?: ResponseHeader };
    const { status, statusCodeData } = header?.functionExecutionStatus ?? {};
    if (status === 'Executed-Success' || status === 'Executed-WithWarning') return;
    const { subjectCode = '?', reasonCode = '?', message } = statusCodeData ?? {};
    const text = message ?? status ?? 'no function execution status';
    throw new Es9PlusError(
      this.#name,
      `${text} (subject ${subjectCode}, reason ${reasonCode})`,
      statusCodeData,
    );
  }

  has(member: string): boolean {
    return this.#members[member] !== undefined;
  }

  text(member: string): string {
    const value = this.#members[member];
    if (typeof value === 'string') return value;
    throw this.#missing(member);
  }

  list(member: string): readonly unknown[] {
    const value = this.#members[member];
    if (Array.isArray(value)) return value;
    throw this.#missing(member);
  }

  #missing(member: string): Es9PlusError {
    return new Es9PlusError(this.#name, `${member} is missing in the response`);
  }

  /** base64 of one TLV with this tag. */
  tlv(member: string, tag: number): Uint8Array {
    const der = fromBase64(this.text(member));
    try {
      const reader = new DerReader(der);
      reader.expect(tag, member);
      reader.finish();
      return der;
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      throw new Es9PlusError(this.#name, error.message);
    }
  }
}

function parseObject(name: Es9PlusFunction, body: string): JsonObject {
  try {
    const value = JSON.parse(body) as unknown;
    if (typeof value === 'object' && value !== null) return value as JsonObject;
  } catch {
    // reported below
  }
  throw new Es9PlusError(name, 'the response is not JSON');
}
