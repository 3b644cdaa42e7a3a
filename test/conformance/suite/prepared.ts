// The server for a suite: the suite's certificates, and the orders that its cases expect, made with what users have too. It is
// prepared once for each curve; every group runs on a copy.
import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { readConfig } from '../../../src/config.ts';
import { createCredential } from '../../../src/device/credential.ts';
import { HttpsTransport } from '../../../src/device/es9plus-transport.ts';
import { createEuicc } from '../../../src/device/euicc.ts';
import { Lpa } from '../../../src/device/lpa.ts';
import { defaultTemplate } from '../../../src/saip/default-template.ts';
import { startServer } from '../../../src/server.ts';
import type { Server } from '../../../src/server.ts';
import { DOWNLOAD_LIMIT } from '../../../src/smdp/download/ordered-profile.ts';
import { CannotRun } from '../../../torture/exit-codes.ts';
import { HOST } from './built-suite.ts';
import type { BuiltSuite, Ports } from './built-suite.ts';
import type { Curve, Group } from './groups.ts';

const run = promisify(execFile);
const SIMWRIGHT = join(import.meta.dirname, '../../../bin/simwright.js');

/** The EID of the suite's eUICC, and one that it never has. */
const EID = '89049032123451234512345678901235';
const OTHER_EID = '89049032123451234512345678901236';
const DAY_MS = 86_400_000;

/** The account of the server for a suite. */
export const FIXED = {
  sid: 'AC00000000000000000000000000000001',
  authToken: 'conformance0conformance0',
};

export type Parameters = Record<string, string>;

/** The profile type of orders for which it is of no matter. */
const PLAIN = 'plain';

/** By matching ID. Those of SM-DS events are orders like others: the device presents the event's ID. */
const ORDERS: readonly Parameters[] = [
  { MatchingId: 'AC_NO_CC' },
  { MatchingId: 'AC_WITH_CC', ConfirmationCode: '11223344' },
  { MatchingId: 'TEST123', ConfirmationCode: '12345678' },
  { MatchingId: 'CC_REQUIRED_TEST', ConfirmationCode: '12345678' },
  { MatchingId: 'MATCHING_ID_1', Eid: EID },
  { MatchingId: 'MATCHING_ID_EVENT', Eid: EID },
  { MatchingId: 'EVENT_001', ConfirmationCode: '55667788' },
  { MatchingId: 'EVENT_NORMAL' },
  { MatchingId: 'AC_RESTRICTED_EID', Eid: OTHER_EID },
  { MatchingId: 'AC_OTHER_EID', Eid: OTHER_EID },
  { MatchingId: 'EVENT_RESTRICTED', Eid: OTHER_EID },
  { MatchingId: 'AC_PPR1', ProfileType: 'ppr1' },
  { MatchingId: 'AC_MAX_RETRIES' },
];
/** Ordered long ago, and never downloaded; an order is not older than its subscription. */
const EXPIRED = { MatchingId: 'AC_EXPIRED', ProfileType: 'old' };
const OLD_STOCK = stockOf('old', ['8988200000000000014']);
/** Whose ICCIDs the cases of ES2+ name. */
const NAMED_STOCK = stockOf(
  'named',
  ['1010', '1028', '1036', '1044', '1051'].map((end) => `8900000000000000${end}`),
);

function stockOf(profileType: string, iccids: readonly string[]): string {
  const keys = '465B5CE8B199B49FAA5F0A2EE238A6BC,CD63CB71954A9F4E48A5994E37A02BAF';
  const lines = iccids.map((iccid) => `${iccid},00101${iccid.slice(-10)},${keys},${profileType}\n`);
  return `iccid,imsi,ki,opc,profile_type\n${lines.join('')}`;
}
const NOT_RELEASED = 'AC_NOT_RELEASED';

/** The smallest PNG, with a text that makes it as long as an icon may be. */
function icon(): string {
  const pixel = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
    'base64',
  );
  return Buffer.concat([pixel, Buffer.alloc(1024 - pixel.length)]).toString('base64');
}

const METADATA = {
  ppr1: { profilePolicyRules: ['ppr1'] },
  icon: { icon: icon(), serviceProviderName: 'Conformance', profileName: 'A profile with an icon' },
};

function settings(data: string, ports: { es9: number; es2: number }): Record<string, string> {
  return {
    SIMWRIGHT_DATA: data,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: String(ports.es9),
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_ES2_PORT: String(ports.es2),
    SIMWRIGHT_SMDP_ADDRESS: HOST,
    SIMWRIGHT_ACCOUNT_SID: FIXED.sid,
    SIMWRIGHT_AUTH_TOKEN: FIXED.authToken,
    SIMWRIGHT_TEST_STOCK: '0',
    SIMWRIGHT_EID_CHECK_DIGITS: 'off',
    SIMWRIGHT_ICCID_CHECK_DIGIT: 'off',
    SIMWRIGHT_TEST_MATCHING_IDS: 'on',
    SIMWRIGHT_ORDER_LIFETIME_DAYS: '1',
    SIMWRIGHT_LOG_LEVEL: 'debug',
  };
}

/** An eSIM Profile, as far as it matters here. */
interface Ordered {
  sid: string;
  status: string;
  activation_code: string | null;
  error_message: string | null;
}

/** A server in this process, with its account. */
export class Running implements AsyncDisposable {
  readonly server: Server;
  readonly #log: string[];
  readonly #logFile: string;

  private constructor(server: Server, log: string[], logFile: string) {
    this.server = server;
    this.#log = log;
    this.#logFile = logFile;
  }

  static async start(env: Record<string, string>, logFile: string): Promise<Running> {
    const { config, secrets } = readConfig(env);
    const lines: string[] = [];
    const log = pino({ level: config.logLevel }, { write: (line) => lines.push(line) });
    return new Running(await startServer(config, secrets, log), lines, logFile);
  }

  async order(parameters: Parameters): Promise<Ordered> {
    let profile = await this.#call('POST', '/v1/ESimProfiles', parameters);
    for (const end = Date.now() + 20_000; ['new', 'reserving'].includes(profile.status);) {
      if (Date.now() > end) throw new CannotRun(`an order stays ${profile.status}`);
      await sleep(20);
      profile = await this.#call('GET', `/v1/ESimProfiles/${profile.sid}`);
    }
    if (profile.status === 'available') return profile;
    const what = `${JSON.stringify(parameters)} is ${profile.status}: ${profile.error_message ?? ''}`;
    throw new CannotRun(`an order for the suite failed: ${what}`);
  }

  async importStock(csv: string): Promise<void> {
    await this.#send('/v1/Stock/Imports', { method: 'POST', body: csv, type: 'text/csv' });
  }

  async #call(method: string, path: string, form?: Parameters): Promise<Ordered> {
    return (await this.call(method, path, form)) as unknown as Ordered;
  }

  /** Throws `CannotRun` if it is refused. */
  call(method: string, path: string, form?: Parameters): Promise<Record<string, unknown>> {
    return this.#send(path, {
      method,
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
  }

  async #send(
    path: string,
    { method, type, body }: { method: string; type?: string; body?: string | URLSearchParams },
  ): Promise<Record<string, unknown>> {
    const { publicUrl } = this.server.context;
    const answer = await fetch(new URL(path, publicUrl), {
      method,
      headers: {
        Authorization: `Basic ${btoa(`${FIXED.sid}:${FIXED.authToken}`)}`,
        ...(type === undefined ? {} : { 'Content-Type': type }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const json = answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>);
    if (!answer.ok) throw new CannotRun(`${method} ${path}: ${JSON.stringify(json)}`);
    return json;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await writeFile(this.#logFile, this.#log.join(''));
  }
}

/** Runs a command of Simwright on the data. Throws `CannotRun`. */
async function simwright(env: Record<string, string>, ...args: string[]): Promise<void> {
  await run(process.execPath, [SIMWRIGHT, ...args], { env: { ...process.env, ...env } }).catch(
    (error: Error & { stderr?: string }) => {
      throw new CannotRun(`simwright ${args[0]} ${args[1]}: ${error.stderr ?? error.message}`);
    },
  );
}

/** What the server has of the suite's certificates. */
function certificates({ sources }: BuiltSuite, curve: Curve): string[] {
  const at = (...names: string[]) => join(sources, 'sgp26', ...names);
  return [
    at('CertificateIssuer', `CERT_CI_ECDSA_${curve}.der`),
    ...['DPauth', 'DPpb'].flatMap((role) => [
      at(role, `CERT_S_SM_${role}_ECDSA_${curve}.der`),
      at(role, `SK_S_SM_${role}_ECDSA_${curve}.pem`),
    ]),
    ...tlsFiles(curve).map((name) => at('DPtls', name)),
  ];
}

const tlsFiles = (curve: Curve) => [
  `CERT_S_SM_DP_VARO_TLS_${curve}.der`,
  `SK_S_SM_DP_TLS_${curve}.pem`,
];

/** Where the key and the certificate of the suite as an operator are. */
export const operatorIn = (data: string) => join(data, 'suite-operator');

/** A folder of data with everything that the cases on a curve expect. */
export async function prepare(
  suite: BuiltSuite,
  curve: Curve,
  folder: string,
  ports: Ports,
): Promise<string> {
  const data = join(folder, `prepared-${curve}`);
  await mkdir(data, { recursive: true });
  const es9 = curve === 'NIST' ? ports.nist : ports.brp;
  const env = settings(data, { es9, es2: ports.es2 });
  const log = join(folder, `prepared-${curve}.log`);
  await using running = await Running.start(env, log);
  const { context } = running.server;
  await simwright(env, 'pki', 'import', ...certificates(suite, curve));
  for (const [type, metadata] of Object.entries(METADATA)) {
    const [der, json] = [join(folder, `${type}.der`), join(folder, `${type}.json`)];
    await writeFile(der, defaultTemplate({ profileType: type }));
    await writeFile(json, JSON.stringify(metadata));
    await simwright(env, 'template', 'import', der, '--profile-type', type, '--metadata', json);
    await simwright(env, 'stock', 'generate', '--count', '4', '--profile-type', type);
  }
  for (const type of [PLAIN, 'Test']) {
    await simwright(env, 'stock', 'generate', '--count', '40', '--profile-type', type);
  }
  await running.importStock(NAMED_STOCK);
  const operator = operatorIn(data);
  await simwright(env, 'operator', 'create', '--name', 'Suite', '--output', operator);
  const { now } = context;
  context.now = () => new Date(now().getTime() - 2 * DAY_MS);
  await running.importStock(OLD_STOCK);
  await running.order(EXPIRED);
  context.now = now;
  const placed = new Map<string, string>();
  for (const parameters of ORDERS) {
    const { activation_code: code } = await running.order({ ProfileType: PLAIN, ...parameters });
    placed.set(parameters['MatchingId']!, code!);
  }
  await confirmOnly(ports.es2, operator);
  await useUp(placed.get('AC_MAX_RETRIES')!, suite, curve, es9);
  return data;
}

/** §5.3.1, §5.3.2: ordered and confirmed over ES2+, but not released. */
async function confirmOnly(port: number, operator: string): Promise<void> {
  const call = (name: string, members: object) => callEs2(name, members, port, operator);
  const { iccid } = await call('downloadOrder', { profileType: 'Test' });
  await call('confirmOrder', { iccid, matchingId: NOT_RELEASED, releaseFlag: false });
}

/** Throws `CannotRun`. @param operator the folder with the key and certificate of an operator */
async function callEs2(
  name: string,
  members: object,
  port: number,
  operator: string,
): Promise<{ iccid?: string }> {
  const [cert, key] = await Promise.all(
    ['client.cert.pem', 'client.key.pem'].map((file) => readFile(join(operator, file))),
  );
  const header = {
    functionRequesterIdentifier: 'test.operator.com',
    functionCallIdentifier: `${NOT_RELEASED} ${name}`,
  };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const call = httpsRequest(
    {
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: `/gsma/rsp2/es2plus/${name}`,
      headers: { 'content-type': 'application/json', 'x-admin-protocol': 'gsma/rsp/v2.5.0' },
      cert,
      key,
      // Who answers is of no matter here: the suite verifies it.
      rejectUnauthorized: false,
      agent: false,
    },
    (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    },
  );
  call.on('error', reject);
  call.end(JSON.stringify({ header, ...members }));
  const text = await promise;
  if (!text.includes('"Executed-Success"')) throw new CannotRun(`ES2+ ${name}: ${text}`);
  return JSON.parse(text) as { iccid?: string };
}

class DropOut extends Error {}

/** Downloads of the suite's eUICC, which drops out each time once it has been authenticated. */
async function useUp(
  activationCode: string,
  { sources }: BuiltSuite,
  curve: Curve,
  port: number,
): Promise<void> {
  const read = async (...names: string[]) =>
    Uint8Array.from(await readFile(join(sources, 'sgp26', ...names)));
  const ci = await read('CertificateIssuer', `CERT_CI_ECDSA_${curve}.der`);
  const key = await read('eUICC', `SK_EUICC_ECDSA_${curve}.pem`);
  const credential = createCredential(createPrivateKey(Buffer.from(key)), {
    euiccCertificate: await read('eUICC', `CERT_EUICC_ECDSA_${curve}.der`),
    eumCertificate: await read('EUM', `CERT_EUM_ECDSA_${curve}.der`),
  });
  using transport = new HttpsTransport({ cis: [ci], connectTo: { host: '127.0.0.1', port } });
  for (let attempt = 0; attempt < DOWNLOAD_LIMIT; attempt += 1) {
    const euicc = createEuicc({ eid: EID, credentials: [credential], cis: [ci] });
    const phone = new Lpa(euicc, {
      transport,
      onStep(step) {
        if (step === 'authenticateClient') throw new DropOut();
      },
    });
    await phone.download(activationCode).catch((error: unknown) => {
      if (!(error instanceof DropOut)) throw error;
    });
  }
}

/** The server of a group, on a copy of the prepared data, with orders for the EID of the suite's eUICC. */
export async function startFor(
  group: Group,
  prepared: string,
  folder: string,
  ports: Ports,
): Promise<AsyncDisposable> {
  const data = join(folder, 'data');
  await cp(prepared, data, { recursive: true });
  const es9 = group.curve === 'NIST' ? ports.nist : ports.brp;
  const log = join(folder, 'server.log');
  const running = await Running.start(settings(data, { es9, es2: ports.es2 }), log);
  const order = { Eid: EID, ProfileType: group.profileType };
  // A case may end the order that it gets.
  for (let count = 0; count < group.cases.length; count += 1) await running.order(order);
  return running;
}
