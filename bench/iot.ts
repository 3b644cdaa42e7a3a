// Polls of IoT devices, by a thousand of them over kept connections: without work against the same bytes from memory, by the same
// listener; with work, which is a package signed and its result verified; and memory, before and after many of them.
import { fork } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  EuiccPackageRequest,
  EuiccPackageResult,
  EuiccPackageResultDataSigned,
} from '../src/rsp/definitions/euicc-package.ts';
import { encodeTlv, readDer } from '../src/rsp/der.ts';
import { encoded } from '../src/rsp/encoded.ts';
import { associationTokenTlv } from '../src/rsp/euicc-package-signature.ts';
import { encodeEid } from '../src/rsp/identifiers.ts';
import { createSigner } from '../src/rsp/signature.ts';
import type { LocalSigner } from '../src/rsp/signature.ts';
import { Connection } from './http.ts';
import type { Response } from './http.ts';
import type { IotAsked, IotPlace } from './iot-server.ts';
import { TOKEN } from './iot-server.ts';
import type { Detail, Figure } from './report.ts';
import { detailTable, figureTable, median } from './report.ts';
import type { Usage } from './server.ts';

const DEVICES = 1_000;
const AT_ONCE = 16;
const POLLS = 4_000;
const ROUNDS = 7;
/** Until it no longer grows by warming up. */
const WARM = 3;

const ASN1 = ['/gsma/rsp2/asn1', 'application/x-gsma-rsp-asn1'] as const;
const JSON_POLL = ['/gsma/rsp2/esipa/getEimPackage', 'application/json'] as const;

interface Device {
  eid: string;
  eidValue: Uint8Array;
  signer: LocalSigner;
  sequence: number;
}

/** @param databaseUrl empty: SQLite. @returns Markdown */
export async function measureIot(
  databaseUrl: string,
  onRound: (round: number) => void,
): Promise<string> {
  const program = fileURLToPath(new URL('iot-server.ts', import.meta.url));
  const child = fork(program, [String(DEVICES), databaseUrl]);
  const [place] = (await once(child, 'message')) as [IotPlace];
  const devices = place.devices.map(({ eid, keyPem }): Device => ({
    eid,
    eidValue: encodeEid(eid),
    signer: createSigner(createPrivateKey(keyPem)),
    sequence: 0,
  }));
  const ask = async (asked: IotAsked) => {
    child.send(asked);
    return ((await once(child, 'message')) as [Usage])[0];
  };
  const open = (port: number) =>
    Promise.all(Array.from({ length: AT_ONCE }, () => Connection.openTls(port)));
  const connections = { esipa: await open(place.esipa), memory: await open(place.memory) };

  /** Servers close those that wait for their turn too long. */
  async function connectionAt(to: 'esipa' | 'memory', index: number): Promise<Connection> {
    const connection = connections[to][index]!;
    if (!connection.isClosed) return connection;
    return (connections[to][index] = await Connection.openTls(place[to]));
  }

  /** Each poll by another device. */
  async function poll(to: 'esipa' | 'memory', json: boolean, expected: Buffer): Promise<void> {
    let left = POLLS;
    const work = async (index: number) => {
      for (let next = --left; next >= 0; next = --left) {
        const device = devices[next % DEVICES]!;
        const connection = await connectionAt(to, index);
        const { status, body } = await connection.send(json ? jsonPoll(device) : asn1Poll(device));
        if (status !== 200 || !body.equals(expected))
          throw new Error(`${status} ${body.toString()}`);
      }
    };
    await Promise.all(connections[to].map((_connection, index) => work(index)));
  }

  /** Each device carries out what it was given. */
  async function carryOut(): Promise<void> {
    let left = DEVICES;
    const work = async (index: number) => {
      for (let next = --left; next >= 0; next = --left) {
        const device = devices[next]!;
        const connection = await connectionAt('esipa', index);
        const { contents } = readDer(bytesOf(await connection.send(asn1Poll(device))));
        const { body } = await connection.send(resultOf(device, contents));
        // EimAcknowledgements of one.
        if (
          !body.toString('hex').startsWith('bf50') ||
          !body.includes(Buffer.from('bf53', 'hex'))
        ) {
          throw new Error(`not acknowledged: ${body.toString('hex')}`);
        }
      }
    };
    await Promise.all(connections.esipa.map((_connection, index) => work(index)));
  }

  const nothing = Buffer.from('bf4f03020101', 'hex');
  const nothingInJson = Buffer.from(
    '{"header":{"functionExecutionStatus":{"status":"Executed-Success"}},"eimPackageError":1}',
  );
  const details = {
    memory: { work: 'the same bytes from memory', rates: [], cpu: [] } as Detail,
    asn1: { work: 'poll without work, ASN.1', rates: [], cpu: [] } as Detail,
    jsonMemory: { work: 'the same bytes from memory, JSON', rates: [], cpu: [] } as Detail,
    json: { work: 'poll without work, JSON', rates: [], cpu: [] } as Detail,
    work: { work: 'poll with work, and its result', rates: [], cpu: [] } as Detail,
  };
  const sizes: number[] = [];
  const remember = (json: boolean) =>
    ask({
      type: json ? 'application/json;charset=UTF-8' : ASN1[1],
      body: (json ? nothingInJson : nothing).toString('base64'),
    });
  for (let round = 0; round < WARM + ROUNDS; round++) {
    onRound(round);
    const ways: [Detail, number, () => Promise<void>][] = [
      [details.memory, POLLS, () => poll('memory', false, nothing)],
      [details.asn1, POLLS, () => poll('esipa', false, nothing)],
      [details.jsonMemory, POLLS, () => poll('memory', true, nothingInJson)],
      [details.json, POLLS, () => poll('esipa', true, nothingInJson)],
      [details.work, DEVICES, carryOut],
    ];
    for (const [detail, count, work] of ways) {
      if (detail === details.memory) await remember(false);
      if (detail === details.jsonMemory) await remember(true);
      const { cpuMicroseconds: before } = await ask(detail === details.work ? 'work' : 'usage');
      const started = performance.now();
      await work();
      const elapsed = performance.now() - started;
      const { cpuMicroseconds: after, rss } = await ask('usage');
      if (round < WARM) continue;
      detail.rates.push((count / elapsed) * 1_000);
      detail.cpu.push((after - before) / count);
      if (detail === details.work) sizes.push(rss);
    }
  }
  for (const connection of [...connections.esipa, ...connections.memory]) connection.close();
  child.disconnect();
  await once(child, 'exit');

  const figures: Figure[] = [
    share(details.asn1, details.memory),
    share(details.json, details.jsonMemory),
    {
      work: `memory, during ${(ROUNDS - 1) * (2 * POLLS + 2 * DEVICES)} calls more`,
      against: 'memory when it was warm',
      reach: '≤ 1.1',
      values: sizes.slice(1).map((size) => size / sizes[0]!),
      reached: (ratio) => ratio <= 1.1,
    },
  ];
  const note =
    `A core answers ${second(details.asn1)} polls a second without work, and ${second(details.work)} with work: ` +
    `a package signed, its result verified and acknowledged. ${DEVICES} devices, ${AT_ONCE} at a time, over kept connections.`;
  return `${figureTable(figures)}\n\n${detailTable(Object.values(details))}\n\n${note}\n`;
}

const share = (of: Detail, reference: Detail): Figure => ({
  work: of.work,
  against: `server CPU of ${reference.work}`,
  reach: '≥ 0.3',
  values: of.cpu.map((time, round) => reference.cpu[round]! / time),
  reached: (ratio) => ratio >= 0.3,
});

/** Of one core. */
const second = (detail: Detail) => Math.round(1_000_000 / median(detail.cpu));

function post([path, type]: readonly [string, string], body: Uint8Array | string): string {
  const bytes = Buffer.from(body as string);
  const head =
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n` +
    'User-Agent: gsma-rsp-ipad\r\nX-Admin-Protocol: gsma/rsp/v2.1.0\r\n\r\n';
  return head + bytes.toString('latin1');
}

const asn1Poll = ({ eidValue }: Device) => post(ASN1, encodeTlv(0xbf4f, encodeTlv(0x5a, eidValue)));
const jsonPoll = ({ eid }: Device) => post(JSON_POLL, JSON.stringify({ eidValue: eid }));

function bytesOf({ status, body }: Response): Uint8Array {
  if (status !== 200) throw new Error(`${status} ${body.toString()}`);
  return Uint8Array.from(body);
}

/** That the eUICC has no profiles. */
function resultOf(device: Device, request: Uint8Array): string {
  const { eimId, counterValue, eimTransactionId } =
    EuiccPackageRequest.decode(request).euiccPackageSigned.value;
  device.sequence += 1;
  const signed = encoded(EuiccPackageResultDataSigned, {
    eimId,
    counterValue,
    eimTransactionId: eimTransactionId!,
    seqNumber: device.sequence,
    euiccResult: [{ listProfileInfoResult: { profileInfoListOk: [] } }],
  });
  const euiccSignEPR = device.signer.sign(Buffer.concat([signed.der, associationTokenTlv(TOKEN)]));
  const result = EuiccPackageResult.encode({
    euiccPackageResultSigned: { euiccPackageResultDataSigned: signed, euiccSignEPR },
  });
  return post(ASN1, encodeTlv(0xbf50, encodeTlv(0x5a, device.eidValue), result));
}
