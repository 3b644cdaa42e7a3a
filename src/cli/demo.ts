// `simwright demo`: the whole life of two profiles, in a temporary folder, in a few seconds.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { createEuicc } from '../device/euicc.ts';
import { HttpsTransport } from '../device/es9plus-transport.ts';
import { Lpa } from '../device/lpa.ts';
import { issueEuicc } from '../smdp/pki/issue-euicc.ts';
import { qrModules, qrPayload } from '../operator/qr/qr-code.ts';
import { completeEid } from '../rsp/identifiers.ts';
import type { Server } from '../server.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { renderQr } from './qr-text.ts';
import { UserError } from './user-error.ts';

const ACCOUNT = { sid: `AC${'0'.repeat(31)}1`, authToken: 'd'.repeat(32) };
const WAIT_MS = 20_000;
/** The prefix of the test EUM's EIDs. */
const EIN = '89049032';

interface Profile {
  sid: string;
  status: string;
  activation_code: string | null;
  smdp_plus_address: string | null;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'show the whole life of two profiles: order, callback, QR code, download, installed',
    )
    .addHelpText(
      'after',
      '\nEverything runs on free ports of this machine and in a temporary folder, which is removed.',
    )
    .addHelpText('after', examples(['simwright demo']))
    .action(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'simwright-demo-'));
      try {
        await runDemo(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
}

async function runDemo(folder: string): Promise<void> {
  const receiver = await startReceiver();
  const es9Port = await freePort();
  const { config, secrets } = readConfig({
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: String(es9Port),
    SIMWRIGHT_SMDP_ADDRESS: `localhost:${es9Port}`,
    SIMWRIGHT_ACCOUNT_SID: ACCOUNT.sid,
    SIMWRIGHT_AUTH_TOKEN: ACCOUNT.authToken,
    SIMWRIGHT_TEST_STOCK: '10',
  });
  const { startServer } = await import('../server.ts');
  await using server = await startServer(config, secrets, pino({ level: 'silent' }));
  const callbackUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/status`;
  print(
    `The server listens on ${server.context.publicUrl}, its SM-DP+ on ${config.smdpAddress}.\n`,
  );

  title('A profile for any eUICC that presents its activation code');
  const byCode = await order(server, { GenerateMatchingId: 'true', CallbackUrl: callbackUrl });
  const activationCode = qrPayload(byCode.activation_code!);
  print(`\n${renderQr(qrModules(byCode.activation_code!))}\n  ${activationCode}\n\n`);
  await download(server, newEid(), activationCode);
  await showStatus(server, byCode.sid, 'installed');

  title('A profile for one eUICC, which asks its default SM-DP+');
  const eid = newEid();
  const byEid = await order(server, { Eid: eid, CallbackUrl: callbackUrl });
  await download(server, eid, `1$${byEid.smdp_plus_address}$`);
  await showStatus(server, byEid.sid, 'installed');

  // Wait for the last callbacks.
  await sleep(300);
  receiver.close();
  receiver.closeAllConnections();
  print('\nTo do this with a server of your own: npm start\n');
}

function title(text_: string): void {
  print(`\n== ${text_}\n`);
}

async function order(server: Server, form: Record<string, string>): Promise<Profile> {
  const created = await callApi(server, '/v1/ESimProfiles', form);
  print(`  ordered     ${created.sid}: ${created.status}\n`);
  return showStatus(server, created.sid, 'available');
}

/** Waits for the expected status and prints it. */
async function showStatus(server: Server, sid: string, expected: string): Promise<Profile> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const profile = await callApi(server, `/v1/ESimProfiles/${sid}`);
    if (profile.status === expected) {
      print(`  status      ${profile.status}\n`);
      return profile;
    }
    if (performance.now() > deadline) throw new UserError(`${sid} stays ${profile.status}`);
    await sleep(50);
  }
}

async function callApi(
  { context }: Server,
  path: string,
  form?: Record<string, string>,
): Promise<Profile> {
  const credentials = Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.authToken}`).toString('base64');
  const response = await fetch(context.publicUrl + path, {
    headers: { Authorization: `Basic ${credentials}` },
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
  });
  if (!response.ok) throw new UserError(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Profile;
}

/** A new phone: its eUICC is issued under the test PKI, its LPA trusts the test CIs. */
async function download({ context }: Server, eid: string, activationCode: string): Promise<void> {
  const { pki, config } = context;
  const euicc = createEuicc({
    eid,
    credentials: [issueEuicc(eid, 'prime256v1', pki, context.now())],
    cis: pki.cis.map(({ der }) => der),
    defaultDpAddress: config.smdpAddress,
  });
  const transport = new HttpsTransport({ cis: pki.cis.map(({ der }) => der), hooks: {} });
  const phone = new Lpa(euicc, {
    transport,
    onStep: (step, verified) => print(`  phone       ${step}: ${verified}\n`),
  });
  print(`  phone       EID ${eid}\n`);
  await phone.download(activationCode);
}

async function startReceiver(): Promise<HttpServer> {
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      const parameters = new URLSearchParams(body);
      const sid = parameters.get('ESimProfileSid');
      print(
        `  callback    ${sid}: ${parameters.get('PreviousStatus')} → ${parameters.get('Status')}\n`,
      );
      response.writeHead(204).end();
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  return receiver;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function newEid(): string {
  return completeEid(EIN + String(randomInt(10 ** 12)).padStart(22, '0'));
}
