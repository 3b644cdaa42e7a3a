// What the demos have in common: a client of the API, a phone, and a receiver of callbacks, which all tell what they do.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
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

export interface Profile {
  sid: string;
  status: string;
  iccid: string | null;
  activation_code: string | null;
  smdp_plus_address: string | null;
}

export function title(text_: string): void {
  print(`\n== ${text_}\n`);
}

/** Orders with callbacks to the receiver, and waits until it was told that the profile is available. */
export async function order(
  server: Server,
  receiver: Receiver,
  form: Record<string, string>,
): Promise<Profile> {
  const all = { ...form, CallbackUrl: receiver.url };
  const created = await callApi(server, '/v1/ESimProfiles', all);
  print(`  ordered     ${created.sid}: ${created.status}\n`);
  await receiver.told(created.sid, 'available');
  return showStatus(server, created.sid, 'available');
}

/** Waits for the expected status and prints it. */
export async function showStatus(server: Server, sid: string, expected: string): Promise<Profile> {
  const path = `/v1/ESimProfiles/${sid}`;
  const profile = await untilApi<Profile>(server, path, ({ status }) => status === expected);
  print(`  status      ${profile.status}\n`);
  return profile;
}

/** Asks the API until the answer is as it should be. */
export async function untilApi<Answer>(
  server: Server,
  path: string,
  isExpected: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const answer = await callApi<Answer>(server, path);
    if (isExpected(answer)) return answer;
    if (performance.now() > deadline) {
      throw new UserError(`${path} never became what was expected: ${JSON.stringify(answer)}`);
    }
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

export interface Receiver {
  /** The `CallbackUrl`. */
  url: string;
  /** Waits until it has been told of a status, so that what follows is printed after it. */
  told: (sid: string, status: string) => Promise<void>;
  close: () => void;
}

export async function startReceiver(): Promise<Receiver> {
  const statuses = new Set<string>();
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      const parameters = new URLSearchParams(body);
      // An operation may be about a profile, whose SID it names as well.
      const [sid] = ['OperationSid', 'EuiccSid', 'ESimProfileSid'].flatMap(
        (name) => parameters.get(name) ?? [],
      );
      const status = parameters.get('Status');
      print(`  callback    ${sid}: ${changeIn(parameters)}\n`);
      response.writeHead(204).end(() => {
        statuses.add(`${sid} ${status}`);
        receiver.emit('told');
      });
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/status`,
    async told(sid, status) {
      const signal = AbortSignal.timeout(WAIT_MS);
      while (!statuses.has(`${sid} ${status}`)) await once(receiver, 'told', { signal });
    },
    close() {
      receiver.close();
      receiver.closeAllConnections();
    },
  };
}

/** `enable sent → failed, rollback`. */
function changeIn(parameters: URLSearchParams): string {
  const kind = parameters.get('Kind');
  const previous = parameters.get('PreviousStatus');
  const code = parameters.get('ErrorCode');
  const changed = parameters.get('Changed');
  const status = parameters.get('Status');
  const change = previous === null || changed !== null ? status : `${previous} → ${status}`;
  return [[kind, change].filter(Boolean).join(' '), changed, code].filter(Boolean).join(', ');
}

export function newEid(): string {
  return completeEid(EIN + String(randomInt(10 ** 12)).padStart(22, '0'));
}
