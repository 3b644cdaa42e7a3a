// osmo-smdpp, where OSMO_SMDPP names a checkout of pysim: it serves the profile that ours does, under a PKI of ours.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeTestPki } from '../src/smdp/pki/test-pki.ts';
import { privateKeyPem } from '../src/rsp/pem.ts';
import type { PkiRole } from '../src/smdp/pki/pki-certificate.ts';
import { CURVE, largeTemplate, ticketsOf } from './download-stock.ts';
import type { DownloadTicket } from './lpa.ts';
import { startPeer } from './peer.ts';
import type { Peer } from './peer.ts';

/** Its only host name. */
const HOST = 'testsmdpplus1.example.com';
/** It takes the file of this name for the profile with this matching ID. */
const MATCHING_ID = 'BENCH';
const ICCID = '8999901000000000019';
/** §2.9.2: not looked at. */
const SMDP_OID = '2.999.10';

export interface OsmoSmdpp extends AsyncDisposable {
  server: Peer;
  tickets(count: number): DownloadTicket[];
}

/** @returns undefined if it is not to be run */
export async function startOsmoSmdpp(): Promise<OsmoSmdpp | undefined> {
  const { OSMO_SMDPP: checkout, OSMO_SMDPP_PYTHON: python = 'python3' } = process.env;
  if (checkout === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'simwright-osmo-smdpp-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const certificates = makeTestPki(HOST, new Date()).filter(
      ({ certificate }) => certificate.curve === CURVE,
    );
    const certs = join(folder, 'certs');
    const write = (path: string, content: string | Uint8Array): void => {
      const file = join(folder, path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, content);
    };
    const of = (role: PkiRole) => certificates.find((one) => one.role === role)!;
    write('certs/CertificateIssuer/ci.der', of('ci').certificate.der);
    for (const [role, name] of [
      ['dpAuth', 'DPauth'],
      ['dpPb', 'DPpb'],
    ] as const) {
      const { certificate, privateKey } = of(role);
      write(`certs/${name}/CERT_S_SM_${name}_ECDSA_NIST.der`, certificate.der);
      write(`certs/${name}/SK_S_SM_${name}_ECDSA_NIST.pem`, privateKeyPem(privateKey!));
    }
    write(`smdpp-data/upp/${MATCHING_ID}.der`, largeTemplate());
    const program = join(resolve(checkout), 'osmo-smdpp.py');
    const server = await startPeer(
      // With TLS of its own it would listen on all of the machine's addresses.
      (port) => [python, program, '--nossl', '-H', '127.0.0.1', '-p', String(port), '-c', certs],
      { cwd: folder },
    );
    const ciPKId = Uint8Array.fromHex(of('ci').ciPKIdHex);
    const ticket = ticketsOf({ certificates }, { ciPKId, smdpOid: SMDP_OID }, HOST);
    return {
      server,
      tickets: (count) => Array.from({ length: count }, () => ticket(ICCID, MATCHING_ID)),
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
