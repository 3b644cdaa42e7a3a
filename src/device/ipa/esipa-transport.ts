// ESipa over HTTPS in the ASN.1 binding (SGP.32 §6.1.1, §6.3), from an IPA: it trusts what the eUICC knows of the eIM, not the CIs.
import { X509Certificate, createPublicKey } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { certificatePem } from '../../rsp/pem.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import type { EimConfigurationData } from '../../rsp/definitions/eim-configuration-data.ts';
import { DeviceError } from '../device-error.ts';
import { ASN1_PATH, ASN1_TYPE } from '../es9plus-asn1.ts';

export interface EsipaTransport {
  /** One message for another; empty if the function has no response. Throws `ConnectionError` if none came. */
  send(request: Uint8Array): Promise<Uint8Array>;
}

/** The eIM could not be reached, or did not answer. */
export class ConnectionError extends DeviceError {
  override readonly name: string = 'ConnectionError';
}

/** It was reached, and has done nothing. */
export class EimBusy extends ConnectionError {
  override readonly name = 'EimBusy';
}

export interface EsipaHttpsOptions {
  readonly eim: Pick<EimConfigurationData, 'eimFqdn' | 'trustedPublicKeyDataTls'>;
  /** Connect here instead of to the eIM's address, for tests and tunnels. */
  readonly connectTo?: { readonly host: string; readonly port: number };
}

const BUSY = 503;
const TIMEOUT_MS = 30_000;
const MAX_ANSWER = 8_000_000; // bytes; larger than any bound profile package

/** Opens a connection for every call. */
export class EsipaHttpsTransport implements EsipaTransport {
  readonly #options: EsipaHttpsOptions;

  constructor(options: EsipaHttpsOptions) {
    this.#options = options;
  }

  async send(request: Uint8Array): Promise<Uint8Array> {
    const { eimFqdn = '' } = this.#options.eim;
    if (eimFqdn === '') throw new DeviceError('The eUICC does not know the address of its eIM.');
    const socket = await this.#connect(eimFqdn);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const call = httpRequest({
      createConnection: () => socket,
      method: 'POST',
      path: ASN1_PATH,
      timeout: TIMEOUT_MS,
      headers: {
        'content-type': ASN1_TYPE,
        'content-length': request.length,
        'user-agent': 'gsma-rsp-ipad',
        'x-admin-protocol': 'gsma/rsp/v2.1.0',
        host: eimFqdn,
      },
    });
    call.on('timeout', () => call.destroy(new Error(`no response from ${eimFqdn}`)));
    call.on('error', reject);
    call.on('response', resolve);
    call.end(request);
    try {
      const response = await promise;
      const body = await readBody(response);
      const { statusCode } = response;
      if (statusCode === 200 || statusCode === 204) return body;
      if (statusCode === BUSY) throw new EimBusy(busyWords(eimFqdn, response));
      throw new DeviceError(`The eIM ${eimFqdn} answered with HTTP status ${statusCode}.`);
    } catch (error) {
      if (error instanceof DeviceError) throw error;
      throw unreachable(eimFqdn, error);
    } finally {
      socket.destroy();
    }
  }

  async #connect(eimFqdn: string): Promise<TLSSocket> {
    const { connectTo, eim } = this.#options;
    const [hostName = '', port = '443'] = eimFqdn.split(':');
    const { trustedCertificateTls, trustedEimPkTls } = eim.trustedPublicKeyDataTls ?? {};
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    const socket = connect(
      {
        host: connectTo?.host ?? hostName,
        port: connectTo?.port ?? Number(port),
        servername: isIP(hostName) === 0 ? hostName : '',
        minVersion: 'TLSv1.2',
        timeout: TIMEOUT_MS,
        ...(trustedCertificateTls === undefined
          ? {}
          : {
              ca: certificatePem(parseCertificate(trustedCertificateTls)),
              // It may be that of the eIM itself.
              allowPartialTrustChain: true,
            }),
        // With a key alone, the key is what is verified.
        rejectUnauthorized: trustedEimPkTls === undefined,
      },
      () => {
        if (trustedEimPkTls === undefined || hasKey(socket, trustedEimPkTls)) resolve(socket);
        else reject(new DeviceError(`The eIM ${eimFqdn} has another key than the eUICC knows.`));
      },
    );
    socket.on('timeout', () => socket.destroy(new Error(`no connection to ${eimFqdn}`)));
    socket.on('error', (error) => reject(unreachable(eimFqdn, error)));
    try {
      return await promise;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}

function hasKey(socket: TLSSocket, spki: Uint8Array): boolean {
  const { raw } = socket.getPeerCertificate();
  const trusted = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  return new X509Certificate(raw).publicKey.equals(trusted);
}

async function readBody(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ANSWER) throw new Error('the response is too long');
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

function unreachable(eimFqdn: string, error: unknown): ConnectionError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ConnectionError(`The eIM ${eimFqdn} cannot be reached: ${reason}`);
}

/** As far as the IPA can tell: it may have too much to do, or the SM-DP+ of a download does not answer it. */
function busyWords(eimFqdn: string, { headers }: IncomingMessage): string {
  const after = /^\d+$/.exec(headers['retry-after'] ?? '')?.[0];
  const when = after === undefined ? 'later' : `in ${after} s`;
  return `The eIM ${eimFqdn} cannot do this now (HTTP status 503); poll again ${when}.`;
}
