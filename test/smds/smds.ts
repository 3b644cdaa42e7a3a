// A small SM-DS for tests: ES12 and ES15 for servers with mutual TLS, ES11 for phones, on one port. It verifies what it
// is sent, and notes every call.
import { createServer, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { findSmdpOid, hasRole, verifyServer } from '../../src/rsp/certificate-chain.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { certificatePem, privateKeyPem } from '../../src/rsp/pem.ts';
import type { ServerRole } from '../../src/rsp/roles.ts';
import { issueUnder } from './smds-certificates.ts';
import type { Issued } from './smds-certificates.ts';
import { SmdsAuthentication } from './smds-authentication.ts';
import { SmdsEvents } from './smds-events.ts';
import type { Root, SmdsEvent } from './smds-events.ts';

export interface SmdsCall {
  readonly method: string;
  readonly path: string;
  readonly body: any;
  /** OID of the caller's certificate; undefined: it showed none. */
  readonly caller: string | undefined;
  readonly headers: IncomingMessage['headers'];
}

export interface SmdsOptions {
  readonly ci: Issued;
  readonly oid?: string;
  /** 0: any. */
  readonly port?: number;
  /** The SM-DS to which events are forwarded, if this is an alternative one. */
  readonly root?: Smds;
  /** Instead of a correct DStls. */
  readonly tls?: Issued;
  /** Refuses in the handshake whoever shows no certificate of this CI. */
  readonly admits?: Issued;
  /**
   * Answers in its place; undefined: no. May be changed at any time.
   * @param done what it would have answered
   */
  misbehaves?:
    ((call: SmdsCall, done: () => Promise<Reply>) => Promise<Reply> | undefined) | undefined;
}

export interface Reply {
  /** 0: the connection is closed instead. */
  status: number;
  body: string;
}

export interface Smds extends AsyncDisposable {
  readonly address: string;
  readonly events: readonly SmdsEvent[];
  readonly calls: SmdsCall[];
  readonly options: SmdsOptions;
  /** Registers an event directly, as if an SM-DP+ had. */
  register(
    event: Pick<SmdsEvent, 'eid' | 'eventId' | 'rspServerAddress'>,
    forward?: boolean,
  ): Promise<void>;
}

/** Its OID. */
const SOME_SMDP = '2.999.10.99';

const PATHS: Readonly<Record<string, ServerRole>> = {
  '/gsma/rsp2/es12/': 'dpTls',
  '/gsma/rsp2/es15/': 'dsTls',
};

export async function startSmds(options: SmdsOptions): Promise<Smds> {
  const { ci, oid = '2.999.20.1', root, admits } = options;
  const tls = options.tls ?? issueUnder(ci, 'dsTls', oid);
  let address = '';
  const events = new SmdsEvents(() => address, root && forwarderTo(root, ci, tls));
  const dsAuth = issueUnder(ci, 'dsAuth', oid);
  const es11 = new SmdsAuthentication(ci, dsAuth, events, () => address);
  const calls: SmdsCall[] = [];

  async function answer(call: SmdsCall, peer: Uint8Array | undefined): Promise<Reply> {
    const [, folder = '', name = ''] = /^(.*\/)(\w+)$/.exec(call.path) ?? [];
    const role = PATHS[folder];
    if (role !== undefined) {
      if (peer === undefined || !isOf(role, peer, ci)) return { status: 403, body: '' };
      const owner = call.caller!;
      if (call.body.header?.functionCallIdentifier === undefined) {
        throw new FunctionExecutionError('1.3.1', '2.1', 'no header');
      }
      if (name === 'registerEvent') await events.registerEvent(call.body, owner);
      else if (name === 'deleteEvent') await events.deleteEvent(call.body, owner);
      else return { status: 404, body: '' };
      return success({});
    }
    if (folder !== '/gsma/rsp2/es9plus/') return { status: 404, body: '' };
    if (name === 'initiateAuthentication') return success(es11.initiateAuthentication(call.body));
    if (name === 'authenticateClient') return success(es11.authenticateClient(call.body));
    return { status: 404, body: '' };
  }

  const server = createServer(
    {
      key: privateKeyPem(tls.privateKey),
      cert: certificatePem(tls),
      ca: [certificatePem(admits ?? ci)],
      requestCert: true,
      rejectUnauthorized: admits !== undefined,
    },
    (request, response) => {
      void serve(request).then(({ status, body }) => {
        if (status === 0) request.socket.destroy();
        else response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    },
  );
  async function serve(request: IncomingMessage): Promise<Reply> {
    const { authorized, peer } = peerOf(request);
    const chunks = await request.toArray();
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
    const call = {
      method: request.method ?? '',
      path: request.url ?? '',
      body,
      caller: peer && findSmdpOid(parseCertificate(peer)),
      headers: request.headers,
    };
    if (request.method === 'POST') calls.push(call);
    const done = async () =>
      call.method === 'POST'
        ? answer(call, authorized ? peer : undefined).catch(refusal)
        : { status: 405, body: '' };
    return options.misbehaves?.(call, done) ?? done();
  }
  server.listen(options.port ?? 0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  address = `localhost:${port}`;
  return {
    address,
    get events() {
      return events.all;
    },
    calls,
    options,
    register: (event, forwardingIndicator = false) =>
      events.registerEvent({ ...event, forwardingIndicator }, SOME_SMDP),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function peerOf({ socket }: IncomingMessage) {
  const tlsSocket = socket as TLSSocket;
  const { raw } = tlsSocket.getPeerCertificate() as { raw?: Buffer };
  return { authorized: tlsSocket.authorized, peer: raw && Uint8Array.from(raw) };
}

/** §4.5.2.1: TLS has verified the chain; the role is left. */
function isOf(role: ServerRole, peer: Uint8Array, ci: Issued): boolean {
  const certificate = parseCertificate(peer);
  if (!hasRole(certificate, role)) return false;
  verifyServer(certificate, role, parseCertificate(ci.der), { now: new Date() });
  return true;
}

const success = (members: object): Reply => ({
  status: 200,
  body: JSON.stringify({
    header: { functionExecutionStatus: { status: 'Executed-Success' } },
    ...members,
  }),
});

/** What a function answers that refuses. */
export function refusal(error: unknown): Reply {
  if (!(error instanceof FunctionExecutionError)) throw error;
  const { subjectCode, reasonCode, message } = error;
  const statusCodeData = { subjectCode, reasonCode, message };
  const functionExecutionStatus = { status: 'Failed', statusCodeData };
  return { status: 200, body: JSON.stringify({ header: { functionExecutionStatus } }) };
}

/** ES15: the same functions as ES12, from one SM-DS to another. */
function forwarderTo(root: Smds, ci: Issued, tls: Issued): Root {
  return {
    call(name, request) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const [host, port] = root.address.split(':');
      const call = httpsRequest({
        host,
        port,
        method: 'POST',
        path: `/gsma/rsp2/es15/${name}`,
        key: privateKeyPem(tls.privateKey),
        cert: certificatePem(tls),
        ca: [certificatePem(ci)],
        agent: false,
        headers: { 'content-type': 'application/json', 'x-admin-protocol': 'gsma/rsp/v2.5.0' },
      });
      call.on('error', reject);
      call.on('response', (response) => {
        response.toArray().then((chunks) => {
          const answered = Buffer.concat(chunks as Buffer[]).toString();
          if (answered.includes('Executed-Success')) resolve();
          else reject(new FunctionExecutionError('8.9', '4.2', answered));
        }, reject);
      });
      const functionRequesterIdentifier = findSmdpOid(parseCertificate(tls.der));
      const header = { functionRequesterIdentifier, functionCallIdentifier: `${name}-1` };
      call.end(JSON.stringify({ header, ...request }));
      return promise;
    },
  };
}
