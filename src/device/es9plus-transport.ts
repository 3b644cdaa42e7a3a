// HTTPS to an SM-DP+ or SM-DS (§2.6.6, §6.5, §6.6), from an LPA: TLS that trusts only the CIs, and JSON or ASN.1 over POST.
import { Agent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { parseCertificate, type Certificate } from '../rsp/certificate.ts';
import { hasRole, isSameKeyIdentifier, verifyServer } from '../rsp/certificate-chain.ts';
import { certificatePem } from '../rsp/pem.ts';
import { tlsGroups, tlsSignatureAlgorithms } from '../rsp/tls-curve.ts';
import { ASN1_PATH, ASN1_TYPE, asn1Request, jsonOfResponse } from './es9plus-asn1.ts';

export const es9PlusFunctions = [
  'initiateAuthentication',
  'authenticateClient',
  'getBoundProfilePackage',
  'handleNotification',
  'cancelSession',
] as const;
export type Es9PlusFunction = (typeof es9PlusFunctions)[number];

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

/** Also of ES11 (§6.5.2): an event may be at an SM-DS or an SM-DP+, and the LPA does not know which before it calls. */
const PATH = '/gsma/rsp2/es9plus/';

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
  readonly #agent: Agent;

  constructor(options: HttpsTransportOptions) {
    this.#options = options;
    this.#cis = options.cis.map(parseCertificate);
    const keepAlive = options.hasNewConnections !== true;
    // Without session resumption, every connection performs a full handshake.
    this.#agent = new Agent(keepAlive ? { keepAlive } : { keepAlive, maxCachedSessions: 0 });
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
    return { path: PATH + functionName, type: 'application/json', body };
  }

  #read(answer: PostAnswer): Es9PlusAnswer {
    const isAsn1 = answer.headers['content-type'] === ASN1_TYPE;
    const body = isAsn1
      ? JSON.stringify(jsonOfResponse(Uint8Array.from(answer.body)))
      : answer.body.toString('utf8');
    return { ...answer, body };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
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
      agent: this.#agent,
      servername: isIP(hostName) === 0 ? hostName : '', // RFC 6066 §3: an address is not a server name
      minVersion: 'TLSv1.2', // §2.6.6
      maxVersion: tlsVersion ?? 'TLSv1.3',
      ca: this.#cis.map(certificatePem),
      // These tell a server with several certificates which of them we can verify.
      ecdhCurve: tlsGroups(curves),
      sigalgs: tlsSignatureAlgorithms(curves),
      checkServerIdentity: (_, peer) => this.#verifyPeer(hostName, peer),
      timeout: TIMEOUT_MS,
      headers: {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'user-agent': 'gsma-rsp-lpad',
        'x-admin-protocol': 'gsma/rsp/v2.5.0',
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
      const certificate = parseCertificate(Uint8Array.from(peer.raw));
      const { authorityKeyIdentifier } = certificate.extensions;
      const ci = this.#cis.find(({ extensions }) =>
        isSameKeyIdentifier(extensions.subjectKeyIdentifier, authorityKeyIdentifier),
      );
      if (ci === undefined) return new Error('the TLS certificate is not from a CI we trust');
      const now = this.#options.now?.() ?? new Date();
      const role = hasRole(certificate, 'dsTls') ? 'dsTls' : 'dpTls';
      verifyServer(certificate, role, ci, { now, hostName });
      return undefined;
    } catch (failure) {
      return failure instanceof Error ? failure : new Error('no certificate', { cause: failure });
    }
  }
}
