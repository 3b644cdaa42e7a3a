// The world of a client of a run.
import { asn1Binding, esipaFunctionOf } from '../../src/esipa/asn1-binding.ts';
import { jsonBinding } from '../../src/es9plus/json-binding.ts';
import type { Es9PlusTransport } from '../../src/device/es9plus-transport.ts';
import { NoAnswer, PowerLost } from '../world.ts';
import type { World } from '../world.ts';
import type { Random } from '../random.ts';
import type { Conditions } from './conditions.ts';
import type { Link } from './link.ts';
import type { Program } from './machine/machine.ts';
import { ACCOUNT } from './server.ts';
import type { SimulatedServer } from './server.ts';
import type { Receivers } from './receivers.ts';
import { OLD_DATABASE } from '../old-database.ts';

interface Surroundings {
  client: Program;
  server: SimulatedServer;
  link: Link;
  receivers: Receivers;
  /** What the API has answered with 2xx. */
  told: object[];
  conditions: Pick<Conditions, 'powerFails'>;
  random: Random;
}

/** Longer than a request that comes twice takes on the worst network. */
const LONGEST_ON_ITS_WAY_MS = 60_000;
const AUTHORIZATION = `Basic ${Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.authToken}`).toString('base64')}`;

/** How long the user of a device waits before trying again: a download may be attempted ten times. */
const USER_PAUSE_MS = 8_000;
/** How long an IPA waits that was told to try again. */
const IPA_PAUSE_MS = 10_000;

export function worldOf({
  client,
  server,
  link,
  receivers,
  told,
  conditions,
  random,
}: Surroundings): World {
  const { machine } = client;
  const power = random.fork();
  return {
    random,
    now: () => server.running?.context.now() ?? new Date(machine.wall()),
    sleep: (ms) => client.sleep(ms),
    send: ({ method, path, form, csv, headers }) =>
      link.exchange(
        client,
        `${method} ${path}`,
        async ({ api }) => {
          const {
            statusCode,
            headers: given,
            body,
          } = await api.inject({
            method,
            url: path,
            headers: {
              host: 'api.simulated',
              authorization: AUTHORIZATION,
              ...(form === undefined
                ? {}
                : { 'content-type': 'application/x-www-form-urlencoded' }),
              ...(csv === undefined ? {} : { 'content-type': 'text/csv' }),
              ...headers,
            },
            ...(form === undefined ? {} : { payload: new URLSearchParams(form).toString() }),
            ...(csv === undefined ? {} : { payload: csv }),
          });
          const json: unknown = body === '' ? undefined : JSON.parse(body);
          const flat = Object.entries(given).map(([name, value]) => [name, String(value)]);
          return { status: statusCode, headers: new Headers(flat as [string, string][]), json };
        },
        ({ status, json }) => `${status} ${(json as any)?.status ?? ''}`.trimEnd(),
      ),
    es9: { send: transportOf(client, link) },
    esipa: () => ({ send: (request) => sendEsipa(request, client, link) }),
    power(step) {
      if (!power.chance(conditions.powerFails)) return;
      machine.note(client.name, `loses its power after ${step}`);
      throw new PowerLost();
    },
    get pki() {
      if (server.pki === undefined) throw new Error('the server has not started yet');
      return server.pki;
    },
    smdpAddress: OLD_DATABASE.smdpAddress,
    receiver: receivers,
    authToken: ACCOUNT.authToken,
    acknowledge: (resource) => told.push(resource),
    async pass(ms) {
      // No request that is still on its way may arrive days later.
      await client.sleep(LONGEST_ON_ITS_WAY_MS);
      machine.note(client.name, `lets ${ms / 86_400_000} days pass`);
      machine.ahead += ms;
      server.running?.program.do(() => server.running?.context.wake('housekeeping'));
    },
  };
}

/** ES9+ for a device, whose user takes his time. */
function transportOf(client: Program, link: Link): Es9PlusTransport['send'] {
  return async (functionName, _smdpAddress, request) => {
    const asked = link.exchange(
      client,
      functionName,
      async ({ es9 }) => {
        const { status, body = '' } = await es9!.answer({
          binding: jsonBinding,
          name: functionName,
          headers: { 'user-agent': 'gsma-rsp-lpad', 'x-admin-protocol': 'gsma/rsp/v2.5.0' },
          body: Buffer.from(JSON.stringify(request)),
          address: '127.0.0.1',
        });
        return { statusCode: status, headers: {}, body: body.toString() };
      },
      ({ statusCode, body }) => `${statusCode} ${statusOf(body)}`.trimEnd(),
    );
    const isDone = await asked.then(
      ({ body }) => !body.includes('"Failed"'),
      () => false,
    );
    if (isDone) return asked;
    await client.sleep(USER_PAUSE_MS);
    return asked;
  };
}

/** ESipa in the ASN.1 binding, for a device that polls. */
async function sendEsipa(request: Uint8Array, client: Program, link: Link): Promise<Uint8Array> {
  const name = esipaFunctionOf(request);
  const { status, body } = await link.exchange(
    client,
    `ESipa ${name}`,
    ({ esipa }) =>
      esipa!.answer({
        binding: asn1Binding,
        name,
        body: Buffer.from(request),
        userAgent: 'gsma-rsp-ipad',
        address: '127.0.0.1',
      }),
    // What is in it, and how long it is, depends on keys, which differ each time.
    (answer) => String(answer.status),
  );
  if (status === 200 || status === 204) return Uint8Array.from(Buffer.from(body ?? ''));
  await client.sleep(IPA_PAUSE_MS);
  throw new NoAnswer(`ESipa ${name}: HTTP status ${status}`);
}

function statusOf(body: string): string {
  if (body === '') return '';
  const { status, statusCodeData } = JSON.parse(body).header.functionExecutionStatus;
  if (statusCodeData === undefined) return status;
  return `${status} ${statusCodeData.subjectCode}/${statusCodeData.reasonCode} ${statusCodeData.message}`;
}
