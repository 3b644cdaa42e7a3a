// A TLS server for each DPtls certificate, none of which listens: connections are handed to the one chosen.
import type { Server, TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';
import type { Logger } from 'pino';
import type { Pki } from '../profile/pki.ts';
import { PkiError } from '../profile/pki-certificate.ts';
import { tlsGroups } from '../rsp/tls-curve.ts';
import type { Candidate, TlsVersion } from './choose-certificate.ts';
import { chooseCertificate, toCandidate } from './choose-certificate.ts';
import type { ClientHello } from './client-hello.ts';

export interface HandshakeEvents {
  onSecure: (socket: TLSSocket) => void;
  onError: (error: Error, socket: TLSSocket) => void;
}

type Servers = Record<TlsVersion, Server>;

export class TlsContexts {
  readonly #current: () => Pki['tls'];
  readonly #log: Logger;
  readonly #events: HandshakeEvents;
  #built: Pki['tls'];
  #servers: Map<Candidate, Servers>;

  /**
   * @param current the certificates in the order of preference; another array when they have changed
   * Throws `PkiError` when there is none.
   */
  constructor(current: () => Pki['tls'], log: Logger, events: HandshakeEvents) {
    this.#current = current;
    this.#log = log;
    this.#events = events;
    this.#built = current();
    if (this.#built.length === 0) throw new PkiError('There is no TLS certificate for ES9+');
    this.#servers = this.#build(this.#built);
  }

  choose(hello: ClientHello | undefined): Server {
    this.#renew();
    const { candidate, version } = chooseCertificate([...this.#servers.keys()], hello);
    return this.#servers.get(candidate)![version ?? 'TLSv1.3'];
  }

  /** Certificates may be replaced while we listen. Without any that can be used the last ones stay. */
  #renew(): void {
    const current = this.#current();
    if (current === this.#built) return;
    this.#built = current;
    if (current.length === 0) return;
    try {
      this.#servers = this.#build(current);
    } catch (error) {
      this.#log.error({ err: error }, 'the new TLS certificates cannot be served');
    }
  }

  #build(certificates: Pki['tls']): Map<Candidate, Servers> {
    const candidates = certificates.map(toCandidate);
    return new Map(
      candidates.map((candidate) => [
        candidate,
        {
          // OpenSSL would choose TLS 1.3, and fail, where the client can verify this one in TLS 1.2 alone.
          'TLSv1.2': this.#create(candidate, 'TLSv1.2'),
          'TLSv1.3': this.#create(candidate, 'TLSv1.3'),
        },
      ]),
    );
  }

  #create({ tls }: Candidate, maxVersion: TlsVersion): Server {
    return createServer({
      cert: tls.certificatePem,
      key: tls.keyPem,
      minVersion: 'TLSv1.2', // §2.6.6
      maxVersion,
      ecdhCurve: tlsGroups(),
      ALPNProtocols: ['http/1.1'],
    })
      .on('secureConnection', this.#events.onSecure)
      .on('tlsClientError', this.#events.onError);
  }
}
