// The SM-DP+ of somebody else, for the tests of the eIM: another server, with a CI of its own, behind a front at its address that does as
// a test says.
import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { certificatePem, privateKeyPem } from '../../src/rsp/pem.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { ciOf, issueUnder } from '../smds/smds-certificates.ts';
import type { Issued } from '../smds/smds-certificates.ts';

export interface ForeignCall {
  /** Of ES9+. */
  name: string;
  headers: IncomingHttpHeaders;
  json: any;
}

export interface ForeignSmdp extends AsyncDisposable {
  server: TestServer;
  /** Host and port. */
  address: string;
  ci: Issued;
  calls: ForeignCall[];
  /** Answers in its place; undefined: the SM-DP+ does. */
  misbehaves: Misbehaviour | undefined;
  /** Shows another TLS certificate; without one, its own again. */
  show(certificate?: Issued): void;
}

/** @param real what the SM-DP+ answers, if it is asked so or with other members */
type Misbehaviour = (
  call: ForeignCall,
  response: ServerResponse,
  real: (changes?: object) => Promise<any>,
) => void | Promise<void>;

export async function startForeignSmdp(): Promise<ForeignSmdp> {
  const front = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      const name = (request.url ?? '').replace('/gsma/rsp2/es9plus/', '');
      const call = { name, headers: request.headers, json: JSON.parse(body.toString()) };
      foreign.calls.push(call);
      const ask = (members: object) => passOn(server.server.es9Url, request.url!, members);
      const real = async (changes: object = {}) =>
        JSON.parse((await ask({ ...call.json, ...changes })).body.toString());
      if (foreign.misbehaves !== undefined) return foreign.misbehaves(call, response, real);
      const answer = await ask(call.json);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const address = `localhost:${(front.address() as AddressInfo).port}`;
  const server = await startTestServer({
    stock: 100,
    env: { SIMWRIGHT_SMDP_ADDRESS: address, SIMWRIGHT_ES9_PORT: '0' },
  });
  const ci = ciOf(server);
  const own = issueUnder(ci, 'dpTls', '2.999.10');
  const foreign: ForeignSmdp = {
    server,
    address,
    ci,
    calls: [],
    misbehaves: undefined,
    show(certificate = own) {
      front.setSecureContext({
        cert: certificatePem(parseCertificate(certificate.der)),
        key: privateKeyPem(certificate.privateKey),
      });
      front.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      front.close();
      front.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
  foreign.show();
  return foreign;
}

async function passOn(
  url: string,
  path: string,
  members: object,
): Promise<{ status: number; body: Buffer }> {
  const call = httpsRequest(new URL(path, url), {
    method: 'POST',
    agent: false,
    rejectUnauthorized: false,
    headers: { 'content-type': 'application/json', 'x-admin-protocol': 'gsma/rsp/v2.5.0' },
  });
  call.end(JSON.stringify(members));
  const [response] = await once(call, 'response');
  return { status: response.statusCode, body: await buffer(response) };
}
