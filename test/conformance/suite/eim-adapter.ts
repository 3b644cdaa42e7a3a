// What Osmocom's suite for eIMs asks an eIM to do, in a REST interface of its own (FACILITY/create, lookup, delete), as operations of
// our API. The eUICC is registered anew for each, so that nothing of the case before waits for it.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Calls our API; with a form, by POST. Throws if it is refused. */
export type CallApi = (
  method: string,
  path: string,
  form?: Record<string, string>,
) => Promise<Record<string, unknown>>;

/** The suite's ICCID has letters, and ends in four of them; its templates accept any. */
const ICCID = '89000123456789012341';

type Members = Record<string, unknown>;

interface Order {
  eidValue: string;
  order: {
    download?: { activationCode: string };
    psmo?: Members[];
    eco?: Members[];
    edr?: Members;
    euicc?: Members;
  };
}

interface Resource {
  order: Order;
  /** Of the operation. */
  path: string;
}

/** Members of the suite's commands, as our API names them. */
const RENAMED: Record<string, string> = {
  rollback: 'rollback',
  immediateEnableFlag: 'immediate_enable',
  defaultSmdpOid: 'smdp_oid',
  defaultSmdpAddress: 'address',
  defaultDpAddress: 'address',
  eimId: 'eim_id',
};

/** One of the suite's commands, such as `{"enable":{"iccid":"…","rollback":false}}`, as one of an operation. */
export function commandOf(given: Members): Members {
  const [[kind, members]] = Object.entries(given) as [[string, Members]];
  const command: Members = { kind };
  for (const [name, value] of Object.entries(members)) {
    if (name === 'iccid') command['iccid'] = ICCID;
    else if (RENAMED[name] !== undefined) command[RENAMED[name]] = value;
    else if (name === 'eimConfigurationData' && kind === 'addEim') {
      command['configuration'] = Buffer.from(value as string, 'hex').toString('base64');
    }
  }
  return command;
}

/** The form of `POST /v1/Euiccs/{Sid}/Operations`; undefined for what we have not. */
export function operationFor({ order }: Order): Record<string, string> | undefined {
  const { download, psmo, eco, edr } = order;
  if (download !== undefined) return { Kind: 'download', ActivationCode: download.activationCode };
  if (edr !== undefined) return { Kind: 'euiccData' };
  const commands = psmo ?? eco;
  if (commands === undefined) return undefined;
  return { Kind: 'package', Commands: JSON.stringify(commands.map(commandOf)) };
}

/** What the suite is told of an operation that has ended. @param code `ok`, or why it has failed */
export function outcomeOf({ order: { download, edr, psmo = [], eco = [] } }: Order, code: string) {
  if (download !== undefined) return [{ profileInstallationResult: { finalResult: code } }];
  if (edr !== undefined) return [{ euiccDataResult: { edrResult: code } }];
  return [...psmo, ...eco].map((command) => {
    const [kind = ''] = Object.keys(command);
    return { [`${kind}Result`]: resultOf(kind, code) };
  });
}

function resultOf(kind: string, code: string): unknown {
  if (kind === 'getRAT') return [];
  if (kind === 'addEim') return { addEimResultCode: code };
  return kind.startsWith('list') ? { finalResult: code } : code;
}

/** @returns where it listens */
export async function startAdapter(call: CallApi): Promise<AsyncDisposable & { url: string }> {
  const resources = new Map<string, Resource>();
  const euiccs = new Map<string, string>();

  async function registered(eid: string): Promise<string> {
    const known = euiccs.get(eid);
    if (known !== undefined) await call('DELETE', `/v1/Euiccs/${known}`);
    const { sid } = await call('POST', '/v1/Euiccs', { Eid: eid, UnsignedResults: 'true' });
    euiccs.set(eid, sid as string);
    return sid as string;
  }

  async function create(order: Order): Promise<string> {
    const form = operationFor(order);
    if (form === undefined) throw new Error('this facility is none of ours');
    const euicc = `/v1/Euiccs/${await registered(order.eidValue)}`;
    const { sid } = await call('POST', `${euicc}/Operations`, form);
    resources.set(sid as string, { order, path: `${euicc}/Operations/${sid as string}` });
    return sid as string;
  }

  async function lookup(id: string): Promise<object> {
    const resource = resources.get(id);
    if (resource === undefined) return { status: 'absent' };
    const { order, path } = resource;
    const operation = await call('GET', path);
    const { status, date_ended: ended, error_code: error, error_message: message } = operation;
    if (ended === null) return { status };
    return {
      status: 'done',
      timestamp: ended,
      resource: order,
      outcome: outcomeOf(order, (error as string | null) ?? 'ok'),
      debuginfo: (message as string | null) ?? '',
    };
  }

  async function answer(request: IncomingMessage, url: string): Promise<string> {
    const [, facility, what, id = ''] = new URL(request.url ?? '', url).pathname.split('/');
    if (what === 'create') {
      const order = JSON.parse(await text(request)) as Order;
      return `${url}/${facility}/lookup/${await create(order)}`;
    }
    if (what === 'delete' && resources.delete(id)) return '{"status":"deleted"}';
    return JSON.stringify(await lookup(id));
  }

  const server = createServer((request, response) => {
    answer(request, url).then(
      (body) => response.end(body),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
