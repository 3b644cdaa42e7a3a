// HTTPS to an SM-DP+ or SM-DS (§2.6.6, §6.5, §6.6), from an LPA: TLS that trusts only the CIs, and JSON or ASN.1 over POST.
import { Agent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { parseCertificate, type Certificate } from '../rsp/certificate.ts';
import {
  ES9PLUS_PATH,
  ES9PLUS_USER_AGENT,
  PROTOCOL_VERSION,
  type Es9PlusFunction,
} from '../rsp/es9plus-functions.ts';
import { certificatePem } from '../rsp/pem.ts';
import { verifyServerTls } from '../rsp/server-tls.ts';
import { tlsGroups, tlsSignatureAlgorithms } from '../rsp/tls-curve.ts';
import { ASN1_PATH, ASN1_TYPE, asn1Request, jsonOfResponse } from './es9plus-asn1.ts';

export type { Es9PlusFunction } from '../rsp/es9plus-functions.ts';

export type JsonObject = Record<string, unknown>;

export interface Es9PlusAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Es9PlusTransport {
  send(
    functionName: Es9PlusFunction,
    smdpAddress: string,
    request: JsonObject,
  ): Promise<Es9PlusAnswer>;
}

/** Lets tests manipulate messages in transit. An exception from a hook ends the call, as if the device dropped out. */
export interface MessageHooks {
  /** Returns the request to send: an object, or text that need not be JSON. */
  request?: (functionName: Es9PlusFunction, request: JsonObject) => JsonObject | string;
  /** Returns the response for the LPA. */
  response?: (functionName: Es9PlusFunction, answer: Es9PlusAnswer) => Es9PlusAnswer;
  /** The response to the first call is lost, and the same bytes are sent again. */
  losesAnswerOf?: ReadonlySet<Es9PlusFunction>;
}

/** How an LPA writes its calls: in JSON (§6.5) or in ASN.1 (§6.6). */
export const es9PlusBindings = ['json', 'asn1'] as const;
export type Es9PlusBinding = (typeof es9PlusBindings)[number];

export interface HttpsTransportOptions {
  /** DER of the CI certificates that TLS trusts. */
  readonly cis: readonly Uint8Array[];
  /** Connect here instead of to the server's address, for tests and tunnels. */
  readonly connectTo?: { readonly host: string; readonly port: number };
  /** `json` by default. Either way, the hooks see JSON. */
  readonly binding?: Es9PlusBinding;
  /** Opens a new connection for every call, like many LPAs, instead of keeping one. */
  readonly hasNewConnections?: boolean;
  /** The highest version that the device supports; 1.3 by default. */
  readonly tlsVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly hooks?: MessageHooks;
  readonly now?: () => Date;
}

interface Posted {
  path: string;
  type: string;
  body: string | Uint8Array;
}

interface PostAnswer extends Omit<Es9PlusAnswer, 'body'> {
  body: Buffer;
}

const TIMEOUT_MS = 30_000;
const MAX_ANSWER = 8_000_000; // bytes; larger than any bound profile package

export class HttpsTransport implements Es9PlusTransport, Disposable {
  readonly #options: HttpsTransportOptions;
  readonly #cis: readonly Certificate[];
  /** By host: a connection is kept only for calls that verify it by the same function, so that is the agent's. */
  readonly #agents = new Map<string, Agent>();

  constructor(options: HttpsTransportOptions) {
    this.#options = options;
    this.#cis = options.cis.map(parseCertificate);
  }

  #agentFor(hostName: string): Agent {
    const known = this.#agents.get(hostName);
    if (known !== undefined) return known;
    const keepAlive = this.#options.hasNewConnections !== true;
    const agent = new Agent({
      keepAlive,
      // Without session resumption, every connection performs a full handshake.
      ...(keepAlive ? {} : { maxCachedSessions: 0 }),
      checkServerIdentity: (_, peer) => this.#verifyPeer(hostName, peer),
    });
    this.#agents.set(hostName, agent);
    return agent;
  }

  async send(
    functionName: Es9PlusFunction,
    smdpAddress: string,
    request: JsonObject,
  ): Promise<Es9PlusAnswer> {
    const { hooks = {} } = this.#options;
    const edited = hooks.request?.(functionName, request) ?? request;
    const posted = this.#written(functionName, edited);
    if (hooks.losesAnswerOf?.has(functionName)) await this.#post(smdpAddress, posted);
    const answer = this.#read(await this.#post(smdpAddress, posted));
    return hooks.response?.(functionName, answer) ?? answer;
  }

  #written(functionName: Es9PlusFunction, request: JsonObject | string): Posted {
    if (this.#options.binding === 'asn1') {
      if (typeof request === 'string') throw new TypeError('text cannot be sent in ASN.1');
      return { path: ASN1_PATH, type: ASN1_TYPE, body: asn1Request(functionName, request) };
    }
    const body = typeof request === 'string' ? request : JSON.stringify(request);
    return { path: ES9PLUS_PATH + functionName, type: 'application/json', body };
  }

  #read(answer: PostAnswer): Es9PlusAnswer {
    const isAsn1 = answer.headers['content-type'] === ASN1_TYPE;
    const body = isAsn1
      ? JSON.stringify(jsonOfResponse(Uint8Array.from(answer.body)))
      : answer.body.toString('utf8');
    return { ...answer, body };
  }

  [Symbol.dispose](): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #post(smdpAddress: string, { path, type, body }: Posted): Promise<PostAnswer> {
    const [hostName = '', port = '443'] = smdpAddress.split(':');
    const { connectTo = { host: hostName, port: Number(port) }, tlsVersion } = this.#options;
    const curves = this.#cis.map(({ curve }) => curve);
    const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
    const call = httpsRequest({
      ...connectTo,
      method: 'POST',
      path,
      agent: this.#agentFor(hostName),
      servername: isIP(hostName) === 0 ? hostName : '', // RFC 6066 §3: an address is not a server name
      minVersion: 'TLSv1.2', // §2.6.6
      maxVersion: tlsVersion ?? 'TLSv1.3',
      ca: this.#cis.map(certificatePem),
      // These tell a server with several certificates which of them we can verify.
      ecdhCurve: tlsGroups(curves),
      sigalgs: tlsSignatureAlgorithms(curves),
      timeout: TIMEOUT_MS,
      headers: {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'user-agent': ES9PLUS_USER_AGENT,
        'x-admin-protocol': PROTOCOL_VERSION,
        host: smdpAddress,
      },
    });
    call.on('timeout', () => call.destroy(new Error(`no response from ${smdpAddress}`)));
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_ANSWER) response.destroy(new Error('the response is too long'));
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          statusCode: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    call.end(body);
    return promise;
  }

  /** §4.5.2.1.0.5: besides what TLS verifies, the certificate must be that of an SM-DP+ or an SM-DS. */
  #verifyPeer(hostName: string, peer: PeerCertificate): Error | undefined {
    const error = checkServerIdentity(hostName, peer);
    if (error !== undefined) return error;
    try {
      const now = this.#options.now?.() ?? new Date();
      const trust = { cis: this.#cis, now };
      verifyServerTls(Uint8Array.from(peer.raw), hostName, ['dsTls', 'dpTls'], trust);
      return undefined;
    } catch (failure) {
      return failure instanceof Error ? failure : new Error('no certificate', { cause: failure });
    }
  }
}
