// A TLS server for each DPtls certificate. They do not listen; each connection is handed to the chosen one.
import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { createServer, DEFAULT_CIPHERS } from 'node:tls';
import type { Logger } from 'pino';
import { tlsGroups, X25519 } from '../rsp/tls-curve.ts';
import type { Candidate, ServerCertificate, TlsVersion } from './choose-certificate.ts';
import { chooseCertificate, toCandidate } from './choose-certificate.ts';
import type { ClientHello } from './client-hello.ts';

/** The result of a handshake; exactly one is called, once. */
export interface HandshakeEvents {
  onSecure: (socket: TLSSocket) => void;
  /** @param socket must be destroyed */
  onError: (error: Error, socket: TLSSocket) => void;
}

/**
 * In order of preference: that of TLS 1.3 with the algorithms of §2.6.6, which are as strong as the certificates, and
 * cost less than those that OpenSSL prefers.
 */
const CIPHERS = [...new Set(['TLS_AES_128_GCM_SHA256', ...DEFAULT_CIPHERS.split(':')])].join(':');

type Servers = Record<TlsVersion, Server>;

/** What a listener presents and asks for. Each function returns a new array if something has changed. */
export interface TlsMaterial {
  /** In order of preference, at least one at first. */
  certificates: () => readonly ServerCertificate[];
  /**
   * PEM of the CAs named to clients when they are asked for a certificate. Whatever they present is accepted: the listener
   * judges it, and can say why it refuses. Without this, clients are not asked.
   */
  clientCas?: () => readonly string[];
}

export class TlsContexts {
  readonly #material: TlsMaterial;
  readonly #log: Logger;
  #built: readonly ServerCertificate[];
  #cas: readonly string[] | undefined;
  #servers: Map<Candidate, Servers>;

  constructor(material: TlsMaterial, log: Logger) {
    this.#material = material;
    this.#log = log;
    this.#built = material.certificates();
    this.#cas = material.clientCas?.();
    this.#servers = build(this.#built, this.#cas);
  }

  /** @param hello undefined if it could not be parsed */
  begin(socket: Socket, hello: ClientHello | undefined, events: HandshakeEvents): void {
    this.#renew();
    const { candidate, version } = chooseCertificate([...this.#servers.keys()], hello);
    handOver(socket, this.#servers.get(candidate)![version ?? 'TLSv1.3'], events);
  }

  /** Certificates may be replaced while listening. If no usable ones are left, the previous ones stay. */
  #renew(): void {
    const current = this.#material.certificates();
    const cas = this.#material.clientCas?.();
    if (current === this.#built && cas === this.#cas) return;
    this.#built = current;
    this.#cas = cas;
    if (current.length === 0) return;
    try {
      this.#servers = build(current, cas);
    } catch (error) {
      this.#log.error({ err: error }, 'the new TLS certificates cannot be served');
    }
  }
}

function build(
  certificates: readonly ServerCertificate[],
  clientCas: readonly string[] | undefined,
): Map<Candidate, Servers> {
  return new Map(
    certificates.map(toCandidate).map((candidate) => [
      candidate,
      {
        // OpenSSL would choose TLS 1.3, and fail, if the client can verify this one only in TLS 1.2.
        'TLSv1.2': create(candidate, 'TLSv1.2', clientCas),
        'TLSv1.3': create(candidate, 'TLSv1.3', clientCas),
      },
    ]),
  );
}

function create(
  { tls }: Candidate,
  maxVersion: TlsVersion,
  clientCas: readonly string[] | undefined,
): Server {
  return createServer({
    cert: tls.certificatePem,
    key: tls.keyPem,
    minVersion: 'TLSv1.2', // §2.6.6
    maxVersion,
    // Most clients open with a key for it; one without any key that we accept has to begin anew (RFC 8446 §4.1.4).
    ecdhCurve: `${X25519.groupName}:${tlsGroups()}`,
    ciphers: CIPHERS,
    ALPNProtocols: ['http/1.1'],
    ...(clientCas === undefined
      ? {}
      : { requestCert: true, rejectUnauthorized: false, ca: [...clientCas] }),
  });
}

/**
 * The events of a TLS server do not identify the connection, and the client's address is unknown once it has
 * disconnected. So each connection gets its own server object, which is the real one except for its events.
 */
function handOver(socket: Socket, server: Server, { onSecure, onError }: HandshakeEvents): void {
  const emit = (name: string, ...given: never[]): boolean => {
    if (name === 'secureConnection') onSecure(...(given as unknown as [TLSSocket]));
    else if (name === 'tlsClientError') onError(...(given as unknown as [Error, TLSSocket]));
    else return false;
    return true;
  };
  const own = Object.assign(Object.create(server) as Server, { emit });
  server.emit.call(own, 'connection', socket);
}
