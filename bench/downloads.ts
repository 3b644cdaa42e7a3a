// Downloads: complete ones over ES9+, alternating with only the cryptography that the protocol requires for one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './child.ts';
import { CryptoFloor } from './crypto-floor.ts';
import type { Connection } from './http.ts';
import { addDownloads, removeDownloads } from './download-stock.ts';
import type { DownloadTicket } from './lpa.ts';
import { download, isRefusedAsBusy } from './lpa.ts';
import type { Sample } from './lists.ts';
import type { OsmoSmdpp } from './osmo-smdpp.ts';

const DEVICES = 16;
/** Downloads per turn, for turns of about a second. */
const ALONE = 50;
const MANY = 160;
const OSMO_A_TURN = 32;
const BUSY_PAUSE_MS = 500;

export interface DownloadWay {
  name: string;
  profileType: string;
  /** A TLS connection for each call, as some LPAs do; otherwise one for all downloads of a device. */
  newConnections: boolean;
  devices: number;
  count: number;
}

export const LARGE = '30 KB';

/** The ways to download; the first is the one with a target. */
export const WAYS: DownloadWay[] = [LARGE, 'default'].flatMap((profileType) =>
  [false, true].flatMap((newConnections) =>
    [DEVICES, 1].map((devices) => ({
      name:
        `download, ${profileType} profile, ${newConnections ? 'new' : 'kept'} connections, ` +
        (devices === 1 ? 'a single device' : `${devices} devices`),
      profileType,
      newConnections,
      devices,
      count: devices === 1 ? ALONE : MANY,
    })),
  ),
);

export interface DownloadSamples {
  floor: Sample[];
  ways: Map<string, Sample[]>;
  /** Of osmo-smdpp, 16 devices with kept connections, if it runs beside ours. */
  osmo: Sample[];
  /** CPU time of the load per download, in microseconds, in the order of the rounds of the first way. */
  load: number[];
}

export async function measureDownloads(
  server: Server,
  databaseUrl: string,
  rounds: number,
  turnSeconds: number,
  onRound: (round: number) => void,
  osmo?: OsmoSmdpp,
): Promise<DownloadSamples> {
  const samples: DownloadSamples = {
    floor: [],
    ways: new Map(WAYS.map(({ name }) => [name, []])),
    osmo: [],
    load: [],
  };
  const floor = new CryptoFloor();
  try {
    for (let round = 0; round <= rounds; round++) {
      onRound(round);
      const floorSample = floor.measure(MANY);
      if (round > 0) samples.floor.push(floorSample); // the first warms up
      if (osmo !== undefined) {
        const sample = await turnOfOsmo(osmo);
        if (round > 0) samples.osmo.push(sample);
      }
      for (const each of WAYS) {
        const way = { ...each, count: Math.ceil(each.count * turnSeconds) };
        const tickets = await addDownloads(server, databaseUrl, way.profileType, way.count);
        const load = process.cpuUsage();
        const sample = await turn(server, way, tickets);
        const { user, system } = process.cpuUsage(load);
        if (round === 0) continue;
        samples.ways.get(way.name)!.push(sample);
        if (each === WAYS[0]) samples.load.push((user + system) / way.count);
      }
    }
  } finally {
    await removeDownloads(databaseUrl);
  }
  return samples;
}

export function turnOfOsmo(osmo: OsmoSmdpp): Promise<Sample> {
  const way = { ...WAYS[0]!, count: OSMO_A_TURN };
  return turn(osmo.server, way, osmo.tickets(OSMO_A_TURN));
}

/** Downloads with all tickets. */
export async function turn(
  server: Pick<Server, 'connectEs9' | 'usage'>,
  { newConnections, devices, count }: DownloadWay,
  tickets: DownloadTicket[],
): Promise<Sample> {
  const kept = newConnections
    ? undefined
    : await Promise.all(Array.from({ length: devices }, () => server.connectEs9()));
  const { cpuMicroseconds } = await server.usage();
  const started = performance.now();
  const device = async (index: number): Promise<void> => {
    const connection = kept?.[index];
    for (let ticket = tickets.pop(); ticket !== undefined; ticket = tickets.pop()) {
      try {
        await download(ticket, (text) =>
          connection === undefined ? once(server, text) : connection.send(text),
        );
      } catch (error) {
        // On a machine that others keep busy; it tries again later, as a device does.
        if (!isRefusedAsBusy(error)) throw error;
        tickets.push(ticket);
        await sleep(BUSY_PAUSE_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: devices }, (_device, index) => device(index)));
  const elapsed = performance.now() - started;
  const after = await server.usage();
  for (const connection of kept ?? []) connection.close();
  return {
    rate: (count / elapsed) * 1000,
    cpu: (after.cpuMicroseconds - cpuMicroseconds) / count,
  };
}

async function once(server: Pick<Server, 'connectEs9'>, text: string) {
  const connection: Connection = await server.connectEs9();
  const response = await connection.send(text);
  connection.close();
  return response;
}
