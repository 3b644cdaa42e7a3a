// The list: each way to request a page, measured alternately with its reference.
import type { Server } from './child.ts';
import { request } from './http.ts';
import {
  ACCOUNT,
  createdAt,
  deviceCount,
  deviceEid,
  iccidOf,
  LAB_EID,
  matchingIdOf,
  mix,
  profile,
  profileSid,
  simSid,
} from './profiles.ts';
import { MEMORY_PATH } from './server.ts';

/** Before measuring. */
const WARM_TURNS = 2;
const PATH = '/v1/ESimProfiles';
/** The whole list is older than this SID. */
const NEWEST = `PAHP${'f'.repeat(32)}`;

/** A way to request a page. */
export interface Probe {
  name: string;
  server: Pick<Server, 'pool' | 'usage'>;
  /** The request number `n`. */
  text: (n: number) => string;
  status: number;
}

export interface Sample {
  /** Requests per second. */
  rate: number;
  /** CPU time of the server per request, in microseconds. */
  cpu: number;
}

type Ask = (n: number) => string;

const at = (index: number) => `PA${profileSid(index)}`;
const get = (query: string) => request(`${PATH}?${query}`, ACCOUNT);
/** The day, or the 30 days, before a profile was created. */
const day = (index: number) => dates(index, 86_400);
const month = (index: number) => dates(index, 30 * 86_400);
function dates(index: number, length: number): string {
  return `DateCreatedAfter=${createdAt(index - length)}&DateCreatedBefore=${createdAt(index)}&`;
}
/** Of this profile, and others beside its status. */
function allFilters(index: number): string {
  const { eid, sim_sid, iccid, matching_id } = profile(index);
  return (
    `Eid=${eid ?? LAB_EID}&SimSid=${sim_sid ?? ''}&Status=available,installed&` +
    `Iccid=${iccid ?? ''}&MatchingId=${matching_id ?? matchingIdOf(index)}&${month(index + 1)}`
  );
}

/** The requests, by name. @param pageSize of those with filters */
export function asks(profiles: number, pageSize = 50): Record<string, Ask> {
  // A different `Page` each time, so that no response is cached.
  const fresh =
    (filters: string, token = NEWEST): Ask =>
    (n) =>
      get(`${filters}PageSize=${pageSize}&Page=${n + 1}&PageToken=${token}`);
  const old = profiles - 10_000 * 50;
  const device = (n: number) => deviceEid(mix(n, 20) % deviceCount(profiles));
  const asked: Record<string, Ask> = {
    'from memory': () => request(MEMORY_PATH, ACCOUNT),
    'random page': (n) => get(`PageSize=50&Page=1&PageToken=${at(mix(n, 21) % profiles)}`),
    'polled page': () => get('PageSize=50'),
    'random page of one': (n) => get(`PageSize=1&Page=1&PageToken=${at(mix(n, 22) % profiles)}`),
    'page 1': fresh(''),
    Eid: (n) => fresh(`Eid=${device(n)}&`)(n),
    'Eid of many': fresh(`Eid=${LAB_EID}&`),
    SimSid: (n) => fresh(`SimSid=${simSid(mix(n, 23) % profiles)}&`)(n),
    'Status=installed': fresh('Status=installed&'),
    'Status=failed': fresh('Status=failed&'),
    'Status=new, none': fresh('Status=new&'),
    'Eid, Status': (n) => fresh(`Eid=${device(n)}&Status=installed&`)(n),
    'Eid of many, Status=failed': fresh(`Eid=${LAB_EID}&Status=failed&`),
    'SimSid, Status': (n) => fresh(`SimSid=${simSid(mix(n, 23) % profiles)}&Status=installed&`)(n),
    'Eid, SimSid, Status': (n) =>
      fresh(`Eid=${LAB_EID}&SimSid=${simSid(mix(n, 23) % profiles)}&Status=installed&`)(n),
    Iccid: (n) => fresh(`Iccid=${iccidOf(mix(n, 24) % profiles)}&`)(n),
    MatchingId: (n) => fresh(`MatchingId=${matchingIdOf(mix(n, 25) % profiles)}&`)(n),
    dates: fresh(day(profiles >> 1)),
    'dates, page 10,000 of them': fresh('DateCreatedAfter=2020-01-01&', at(Math.max(old, 0))),
    'two statuses': fresh('Status=available&Status=installed&'),
    'five statuses': fresh('Status=new,reserving,available,installed,failed&'),
    'two statuses, page 10,000 of the list': fresh(
      'Status=available,installed&',
      at(Math.max(old, 0)),
    ),
    'two statuses, one and none': fresh('Status=failed,new&'),
    'Status, dates': fresh(`Status=installed&${day(profiles >> 1)}`),
    'two statuses, dates': fresh(`Status=available,installed&${day(profiles >> 1)}`),
    'Eid, two statuses, dates': (n) =>
      fresh(`Eid=${device(n)}&Status=available,installed&${month(profiles >> 1)}`)(n),
    'Eid of many, two statuses, dates': fresh(
      `Eid=${LAB_EID}&Status=available,installed&${month(profiles >> 1)}`,
    ),
    'all of them': (n) => fresh(allFilters(mix(n, 26) % profiles))(n),
  };
  if (old > 0) asked['page 10,000'] = fresh('', at(old));
  return asked;
}

/** Measures all alternately, `rounds` times. @returns the samples by name, one per round */
export async function measure(
  probes: Probe[],
  rounds: number,
  turnMs: number,
  onRound: (round: number) => void,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(probes.map(({ name }) => [name, []]));
  const turn = turns();
  for (let n = 0; n < WARM_TURNS; n++) for (const probe of probes) await turn(probe, turnMs);
  for (let round = 1; round <= rounds; round++) {
    onRound(round);
    for (const probe of probes) samples.get(probe.name)!.push(await turn(probe, turnMs));
  }
  return samples;
}

/** Turns of `ms` milliseconds each, whose requests are numbered on. */
export function turns(): (probe: Probe, ms: number) => Promise<Sample & { answers: number }> {
  let number = 0;
  return async ({ server, text, status }, ms) => {
    const before = await server.usage();
    const started = performance.now();
    const answers = await server.pool.drive(
      () => (performance.now() - started < ms ? text(number++) : undefined),
      status,
    );
    const elapsed = performance.now() - started;
    const { cpuMicroseconds } = await server.usage();
    return {
      rate: (answers / elapsed) * 1000,
      cpu: (cpuMicroseconds - before.cpuMicroseconds) / answers,
      answers,
    };
  };
}

/** The ETag of the polled page. */
export async function etagOfPolled(server: Server): Promise<string> {
  const { head } = await server.pool.one(request(`${PATH}?PageSize=50`, ACCOUNT));
  return /etag: (.+)\r\n/i.exec(head)![1]!;
}

export const notModified = (etag: string) =>
  request(`${PATH}?PageSize=50`, ACCOUNT, { ifNoneMatch: etag });
