// The calls of a download one by one, as raw JSON with raw responses, so a test can repeat, omit, reorder and spoil
// them. Properties common to all responses are always asserted.
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { segmentBoundProfilePackage } from '../../src/device/bpp-segments.ts';
import { callEs10 } from '../../src/device/es10.ts';
import type { Es9PlusFunction } from '../../src/device/es9plus-transport.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import type { EuiccMisbehaviour } from '../../src/device/misbehaviour.ts';
import { authenticateServerRequest } from '../../src/device/lpa-authentication.ts';
import { prepareDownloadRequest } from '../../src/device/lpa-preparation.ts';
import { CancelSessionRequest } from '../../src/rsp/definitions/cancel-session.ts';
import { parseTransactionId } from '../../src/rsp/identifiers.ts';
import type { CancelSessionReason } from '../../src/rsp/reasons.ts';
import { cancelSessionReasons } from '../../src/rsp/reasons.ts';
import type { TestServer } from '../server.ts';
import { newEuicc } from './phone.ts';

export const SUCCESS = 'Executed-Success';
/** The result of a successful call without a body. */
export const NO_CONTENT = '204';

export interface Es9Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Undefined if there is no body. */
  json: any;
  /** `SUBJECT / REASON` of a refusal, otherwise SUCCESS or NO_CONTENT. */
  result: string;
}

export const LPA_HEADERS = {
  'Content-Type': 'application/json',
  'User-Agent': 'gsma-rsp-lpad',
  'X-Admin-Protocol': 'gsma/rsp/v2.5.0',
};

// New connections, so a stopped server leaves none behind.
const newConnections = new Agent({ keepAlive: false });

/** The location of ES9+, of a server in this process or another. */
export interface Es9Place {
  url: string;
  /** By default, each call is on a connection of its own. */
  agent?: Agent;
}

export function placeOf({ config }: TestServer): Es9Place {
  return { url: `https://${config.smdpAddress}` };
}

/** @param body text is sent as is, anything else as JSON, undefined as no body */
export async function post(
  { url, agent: own = newConnections }: Es9Place,
  name: string,
  body: unknown,
  headers: Record<string, string> = LPA_HEADERS,
  agent: Agent = own,
): Promise<Es9Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Es9Reply>();
  const call = httpsRequest(
    new URL(`/gsma/rsp2/es9plus/${name}`, url),
    { method: 'POST', headers, agent, rejectUnauthorized: false },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const status = response.statusCode ?? 0;
        const json = text === '' ? undefined : (JSON.parse(text) as unknown);
        resolve({ status, headers: response.headers, text, json, result: resultOf(status, json) });
      });
    },
  );
  call.on('error', reject);
  call.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  const reply = await promise;
  checkEnvelope(name, reply);
  return reply;
}

function resultOf(status: number, json: any): string {
  const { functionExecutionStatus } = json?.header ?? {};
  const { subjectCode, reasonCode } = functionExecutionStatus?.statusCodeData ?? {};
  if (functionExecutionStatus === undefined) return String(status);
  return functionExecutionStatus.status === 'Failed'
    ? `${subjectCode} / ${reasonCode}`
    : String(functionExecutionStatus.status);
}

/** §6.5.1, §5.2.6: common rules for responses. A notification that was not stored must not be answered with 2xx. */
function checkEnvelope(called: string, { status, headers, text, json }: Es9Reply): void {
  assert.match(String(headers['x-admin-protocol']), /^gsma\/rsp\/v2\.\d+\.0$/);
  assert.doesNotMatch(text, /\n\s+at |node:internal|\.ts:\d/, 'no stack trace');
  if (status === 204) {
    assert.equal(text, '');
    return;
  }
  const { subjectCode: subject, reasonCode: reason } =
    json.header.functionExecutionStatus.statusCodeData ?? {};
  // Of a chain that is not current yet, or no longer.
  const isLater = subject === '1.2' ? reason === '4.4' : /^8\.1\.[23]$/.test(String(subject));
  const unkept = isLater ? 503 : subject === '1.2' ? 500 : 400;
  assert.equal(status, called === 'handleNotification' ? unkept : 200);
  assert.equal(headers['retry-after'], status === 503 ? '10' : undefined);
  assert.equal(headers['content-type'], 'application/json;charset=UTF-8');
  const { status: execution, statusCodeData, ...rest } = json.header.functionExecutionStatus;
  assert.deepEqual(rest, {});
  for (const [name, value] of Object.entries(json)) {
    if (name !== 'header') assert.equal(typeof value, 'string', name);
  }
  if (execution === 'Executed-Success') {
    assert.equal(statusCodeData, undefined);
    return;
  }
  assert.equal(execution, 'Failed');
  assert.deepEqual(Object.keys(json), ['header'], 'a refusal has a header alone');
  const { subjectCode, reasonCode, subjectIdentifier = '', message, ...more } = statusCodeData;
  assert.deepEqual(more, {});
  assert.match(subjectCode, /^\d+(\.\d+)+$/);
  assert.match(reasonCode, /^\d+\.\d+$/);
  assert.ok(message.length > 0);
  assert.ok(Buffer.byteLength(message) <= 128, 'an LPA shows 128 bytes');
  assert.ok(Buffer.byteLength(subjectIdentifier) <= 128);
}

type Members = Record<string, string>;

/** One device in one session; each call builds on the results of the previous ones. */
export class Steps {
  readonly euicc: Euicc;
  readonly place: Es9Place;
  readonly smdpAddress: string;
  matchingId: string;
  imei = '356938035643809';
  transactionId = '';
  /** The last request of each function, for repeating it. */
  readonly sent: Partial<Record<Es9PlusFunction, Members>> = {};
  #initiated: Members = {};
  #authenticated: Members = {};

  constructor(place: Es9Place, smdpAddress: string, euicc: Euicc, matchingId: string) {
    this.place = place;
    this.smdpAddress = smdpAddress;
    this.euicc = euicc;
    this.matchingId = matchingId;
  }

  get misbehaviour(): EuiccMisbehaviour {
    return this.euicc.misbehaviour;
  }

  /** Sends the last request of a function again, byte for byte. */
  again(name: Es9PlusFunction): Promise<Es9Reply> {
    return post(this.place, name, this.sent[name]);
  }

  send(name: Es9PlusFunction, members: Members): Promise<Es9Reply> {
    this.sent[name] = members;
    return post(this.place, name, members);
  }

  async initiate(changes: Members = {}): Promise<Es9Reply> {
    const challenge = callEs10(this.euicc, Uint8Array.of(0xbf, 0x2e, 0x00)).subarray(-16);
    const reply = await this.send('initiateAuthentication', {
      euiccChallenge: toBase64(challenge),
      euiccInfo1: toBase64(callEs10(this.euicc, Uint8Array.of(0xbf, 0x20, 0x00))),
      smdpAddress: this.smdpAddress,
      ...changes,
    });
    if (reply.result === SUCCESS) {
      this.#initiated = reply.json;
      this.transactionId = reply.json.transactionId;
    }
    return reply;
  }

  /** The eUICC's answer to the server's first response. */
  authenticateServer(): Members {
    const initiated = {
      transactionId: this.transactionId,
      serverSigned1: fromBase64(this.#initiated['serverSigned1']!),
      serverSignature1: fromBase64(this.#initiated['serverSignature1']!),
      euiccCiPKIdToBeUsed: fromBase64(this.#initiated['euiccCiPKIdToBeUsed']!),
      serverCertificate: fromBase64(this.#initiated['serverCertificate']!),
    };
    const request = authenticateServerRequest(initiated, this.matchingId, this.imei);
    return {
      transactionId: this.transactionId,
      authenticateServerResponse: toBase64(callEs10(this.euicc, request)),
    };
  }

  async authenticate(changes: Members = {}): Promise<Es9Reply> {
    return this.keep(
      await this.send('authenticateClient', { ...this.authenticateServer(), ...changes }),
    );
  }

  /** Continues from this response to authenticateClient. */
  keep(reply: Es9Reply): Es9Reply {
    if (reply.result === SUCCESS) this.#authenticated = reply.json;
    return reply;
  }

  /** The eUICC's answer to the server's second response. */
  prepareDownload(confirmationCode?: string): Members {
    const session = {
      smdpSigned2: fromBase64(this.#authenticated['smdpSigned2']!),
      smdpSignature2: fromBase64(this.#authenticated['smdpSignature2']!),
      smdpCertificate: fromBase64(this.#authenticated['smdpCertificate']!),
      transactionId: parseTransactionId(this.transactionId)!,
    };
    const request = prepareDownloadRequest(session, confirmationCode);
    return {
      transactionId: this.transactionId,
      prepareDownloadResponse: toBase64(callEs10(this.euicc, request)),
    };
  }

  getPackage(confirmationCode?: string): Promise<Es9Reply> {
    return this.send('getBoundProfilePackage', this.prepareDownload(confirmationCode));
  }

  /** @returns the signed result of the installation */
  load({ json }: Es9Reply): Uint8Array {
    for (const segment of segmentBoundProfilePackage(fromBase64(json.boundProfilePackage))) {
      const answer = callEs10(this.euicc, segment);
      if (answer.length > 0) return answer;
    }
    throw new Error('no result from the eUICC');
  }

  notify(pendingNotification: Uint8Array): Promise<Es9Reply> {
    return this.send('handleNotification', { pendingNotification: toBase64(pendingNotification) });
  }

  cancel(reason: CancelSessionReason): Promise<Es9Reply> {
    return this.send('cancelSession', this.cancelled(reason));
  }

  /** The eUICC's signed cancellation. */
  cancelled(reason: CancelSessionReason): Members {
    const request = CancelSessionRequest.encode({
      transactionId: parseTransactionId(this.transactionId)!,
      reason: cancelSessionReasons[reason],
    });
    return {
      transactionId: this.transactionId,
      cancelSessionResponse: toBase64(callEs10(this.euicc, request)),
    };
  }

  /** The first two calls, which must succeed. */
  async begin(): Promise<this> {
    assert.equal((await this.initiate()).result, SUCCESS);
    assert.equal((await this.authenticate()).result, SUCCESS);
    return this;
  }

  /** The first three calls, and the installation. */
  async install(confirmationCode?: string): Promise<Uint8Array> {
    await this.begin();
    const reply = await this.getPackage(confirmationCode);
    assert.equal(reply.result, SUCCESS);
    return this.load(reply);
  }
}

/** A device before its first call, for a matching ID. */
export function stepsOf(
  server: TestServer,
  matchingId: string,
  euicc: Euicc = newEuicc(server),
): Steps {
  return new Steps(placeOf(server), server.config.smdpAddress, euicc, matchingId);
}

/** The server's data about an order, for comparison. */
export async function stateOf({ server, account }: TestServer, sid: string) {
  const { store } = server.context;
  const profile = await store.esimProfiles.find(account.username, sid);
  const subscription = await store.subscriptions.findByOrder(account.username, sid);
  return { profile, subscription };
}

/** Status and state of an order. */
export async function statusOf(server: TestServer, sid: string): Promise<string> {
  const { profile, subscription } = await stateOf(server, sid);
  return `${profile?.status} ${subscription?.state}`;
}

/** Moves the server's clock ahead by this many milliseconds; 0 resets it. */
export function moveClock({ server }: TestServer, milliseconds: number): void {
  server.context.now = () => new Date(Date.now() + milliseconds);
}

/** Log lines about server errors. */
export function errorsLogged({ logged }: TestServer): string[] {
  return logged.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
