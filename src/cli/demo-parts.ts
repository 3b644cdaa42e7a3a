// What the demos have in common: a client of the API, a phone, and a receiver of callbacks, which all tell what they do.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEuicc } from '../device/euicc.ts';
import { HttpsTransport } from '../device/es9plus-transport.ts';
import { Lpa } from '../device/lpa.ts';
import { issueEuicc } from '../smdp/pki/issue-euicc.ts';
import { completeEid } from '../rsp/identifiers.ts';
import type { Server } from '../server.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

export const ACCOUNT = { sid: `AC${'0'.repeat(31)}1`, authToken: 'd'.repeat(32) };
const WAIT_MS = 20_000;
/** The prefix of the test EUM's EIDs. */
const EIN = '89049032';

interface Profile {
  sid: string;
  status: string;
  activation_code: string | null;
  smdp_plus_address: string | null;
}

export function title(text_: string): void {
  print(`\n== ${text_}\n`);
}

export async function order(server: Server, form: Record<string, string>): Promise<Profile> {
  const created = await callApi(server, '/v1/ESimProfiles', form);
  print(`  ordered     ${created.sid}: ${created.status}\n`);
  return showStatus(server, created.sid, 'available');
}

/** Waits for the expected status and prints it. */
export async function showStatus(server: Server, sid: string, expected: string): Promise<Profile> {
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

export async function callApi<Answer = Profile>(
  { context }: Server,
  path: string,
  form?: Record<string, string>,
): Promise<Answer> {
  const credentials = Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.authToken}`).toString('base64');
  const response = await fetch(context.publicUrl + path, {
    headers: { Authorization: `Basic ${credentials}` },
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
  });
  if (!response.ok) throw new UserError(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** A new phone: its eUICC is issued under the test PKI, its LPA trusts the test CIs. */
export async function download(
  { context }: Server,
  eid: string,
  activationCode: string,
): Promise<{ phone: Lpa; iccid: string }> {
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
  const { iccid } = await phone.download(activationCode);
  return { phone, iccid };
}

export async function startReceiver(): Promise<HttpServer> {
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

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export function newEid(): string {
  return completeEid(EIN + String(randomInt(10 ** 12)).padStart(22, '0'));
}
