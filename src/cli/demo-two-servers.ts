// `simwright demo --two-servers`: an operator in front of a rented SM-DP+, and the life of a profile at both.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { openData } from '../data.ts';
import { firstStart } from '../first-start.ts';
import { qrPayload } from '../operator/qr/qr-code.ts';
import { makeFolder } from '../process/private-files.ts';
import { disable, enable, remove } from '../rehearsal/phone-actions.ts';
import type { Server } from '../server.ts';
import { createOperator } from '../smdp/operators/operators.ts';
import { certificatePem, privateKeyPem } from '../rsp/pem.ts';
import { makeTestPki } from '../smdp/pki/test-pki.ts';
import {
  ACCOUNT,
  download,
  newEid,
  order,
  showStatus,
  startReceiver,
  title,
  untilApi,
} from './demo-parts.ts';
import { writeOperatorFiles } from './operator-files.ts';
import { print } from './output.ts';
import { freePort } from '../try-to-listen.ts';

const REQUESTER = 'operator.example.com';
/** How the operator's account is known at the SM-DP+. */
const AT_SMDP = { sid: `AC${'0'.repeat(31)}2`, authToken: 'e'.repeat(32) };

type Settings = Record<string, string>;

/** Makes an SM-DP+ that knows an operator, and what the operator needs. @returns the settings of both servers */
export async function prepareTwoServers(
  folder: string,
): Promise<{ smdp: Settings; operator: Settings }> {
  const [es9Port, es2Port, reportPort] = [
    await freePort('127.0.0.1'),
    await freePort('127.0.0.1'),
    await freePort('127.0.0.1'),
  ];
  const smdp: Settings = {
    SIMWRIGHT_DATA: join(folder, 'smdp'),
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: String(es9Port),
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_ES2_PORT: String(es2Port),
    SIMWRIGHT_SMDP_ADDRESS: `localhost:${es9Port}`,
    SIMWRIGHT_ACCOUNT_SID: AT_SMDP.sid,
    SIMWRIGHT_AUTH_TOKEN: AT_SMDP.authToken,
    SIMWRIGHT_TEST_STOCK: '100',
  };
  const files = join(folder, 'operator-files');
  const { written, reports } = await registerOperator(
    smdp,
    `https://localhost:${reportPort}`,
    files,
  );
  const operator: Settings = {
    SIMWRIGHT_DATA: join(folder, 'operator'),
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES2_PORT: String(reportPort),
    SIMWRIGHT_ES2_CERTIFICATE: reports.certificateFile,
    SIMWRIGHT_ES2_KEY: reports.keyFile,
    SIMWRIGHT_SMDP: `es2plus:https://localhost:${es2Port}`,
    SIMWRIGHT_SMDP_CERTIFICATE: written.certificate,
    SIMWRIGHT_SMDP_KEY: written.key,
    SIMWRIGHT_SMDP_CA: written.serverCa,
    SIMWRIGHT_SMDP_REQUESTER: REQUESTER,
    SIMWRIGHT_SMDP_PROFILE_TYPE: 'default',
    SIMWRIGHT_ACCOUNT_SID: ACCOUNT.sid,
    SIMWRIGHT_AUTH_TOKEN: ACCOUNT.authToken,
  };
  return { smdp, operator };
}

/** As `simwright operator create` does, on a server that has not been started. */
async function registerOperator(settings: Settings, progressUrl: string, folder: string) {
  const { config, secrets } = readConfig(settings);
  const data = await openData(config, secrets);
  try {
    const now = data.store.now();
    const reports = await makeServerCertificate(folder, now);
    const { account } = secrets;
    const made = await firstStart({ account, testStock: config.testStock }, data);
    const { made: certificate } = await createOperator(
      {
        accountSid: made!.accountSid,
        friendlyName: 'Demo operator',
        requesterIdentifier: REQUESTER,
        progressUrl,
        progressCa: reports.ca,
      },
      undefined,
      data,
    );
    const keeper = { ...data, config, secrets, now, publicUrl: '' };
    return { reports, written: await writeOperatorFiles(certificate!, folder, keeper) };
  } finally {
    await data.store.close();
  }
}

/** Of the operator's own ES2+, to which the SM-DP+ reports. */
async function makeServerCertificate(folder: string, now: Date) {
  const made = makeTestPki('localhost', now).filter(
    ({ certificate }) => certificate.curve === 'prime256v1',
  );
  const tls = made.find(({ role }) => role === 'dpTls')!;
  const ci = made.find(({ role }) => role === 'ci')!;
  makeFolder(folder);
  const certificateFile = join(folder, 'reports.cert.pem');
  const keyFile = join(folder, 'reports.key.pem');
  await writeFile(certificateFile, certificatePem(tls.certificate), { mode: 0o600 });
  await writeFile(keyFile, privateKeyPem(tls.privateKey!), { mode: 0o600 });
  await chmod(keyFile, 0o600);
  return { certificateFile, keyFile, ca: certificatePem(ci.certificate) };
}

export async function runTwoServers(folder: string): Promise<void> {
  const settings = await prepareTwoServers(folder);
  const receiver = await startReceiver();
  await using smdp = await start(settings.smdp);
  await using operator = await start(settings.operator);
  print(
    `The SM-DP+ takes orders over ES2+ at ${smdp.es2Url}, and devices at ${smdp.context.config.smdpAddress}.\n`,
  );
  print(
    `The operator has the API at ${operator.context.publicUrl}, and hears of downloads at ${operator.es2Url}.\n`,
  );
  print('Each shows the other a certificate; the operator has no SM-DP+ of its own.\n');

  title('The operator orders a profile at the SM-DP+ that it rents');
  const profile = await order(operator, receiver, { GenerateMatchingId: 'true' });
  print(
    `  ES2+        DownloadOrder and ConfirmOrder gave the activation code ${profile.activation_code}\n`,
  );

  title('A phone downloads from the SM-DP+, which reports it to the operator');
  const { phone, iccid } = await download(smdp, newEid(), qrPayload(profile.activation_code!));
  await receiver.told(profile.sid, 'installed');
  await showStatus(operator, profile.sid, 'installed');

  title('The phone enables, disables and deletes it; the history of the operator has all of it');
  for (const [word, act] of [
    ['enabled', enable],
    ['disabled', disable],
    ['deleted', remove],
  ] as const) {
    await act(phone, iccid);
    print(`  phone       ${word}\n`);
  }
  await showHistory(operator, profile.sid, 'deleted on the device');
  receiver.close();
  print('\nTo do this with servers of your own: docs/rented-smdp.md\n');
}

async function start(settings: Settings): Promise<Server> {
  const { config, secrets } = readConfig(settings);
  const { startServer } = await import('../server.ts');
  return startServer(config, secrets, pino({ level: 'silent' }));
}

interface Events {
  events: { cause: string; detail: string | null }[];
}

/** The history of the operator, once it has the expected entry. */
async function showHistory(server: Server, sid: string, expected: string): Promise<void> {
  const path = `/v1/ESimProfiles/${sid}/Events`;
  const { events } = await untilApi<Events>(server, path, (answer) =>
    answer.events.some(({ cause }) => cause === expected),
  );
  for (const { cause, detail } of events.toReversed()) {
    print(`  history     ${cause}${detail === null ? '' : ` (${detail})`}\n`);
  }
}
