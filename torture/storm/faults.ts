// Makes the planned faults happen.
import { setTimeout as sleep } from 'node:timers/promises';
import { canTamper, tamper } from './disk-faults.ts';
import type { Link } from './link.ts';
import type { Fault } from './schedule.ts';
import type { Site } from './site.ts';
import type { Tally } from './tally.ts';
import { count } from './tally.ts';

/** Resolves when it is over. What cannot be done at the moment, such as pausing a server that is dead, is left out. */
export async function makeHappen(fault: Fault, site: Site, tally: Tally): Promise<void> {
  const server = 'node' in fault ? site.servers[fault.node]! : undefined;
  switch (fault.kind) {
    case 'kill':
      count(tally, 'kill');
      server!.kill();
      if (fault.againAfterMs === undefined) return;
      await server!.launched;
      await sleep(fault.againAfterMs);
      count(tally, 'kill while starting');
      return server!.kill();
    case 'kill worker':
      if (server!.killWorker(fault.worker)) count(tally, 'kill of a worker');
      return;
    case 'pause':
      count(tally, 'pause');
      server!.pause();
      await sleep(fault.forMs);
      return server!.resume();
    case 'clock':
      count(tally, 'clock');
      return server!.tell({ clockAheadMs: fault.aheadMs });
    case 'failing sync':
      count(tally, 'failing sync');
      server!.tell({ sync: { delayMs: 0, fails: true } });
      await sleep(fault.forMs);
      return server!.tell({ sync: { delayMs: 0, fails: false } });
    case 'slow disk':
      count(tally, 'slow disk');
      server!.tell({ sync: { delayMs: fault.eachMs, fails: false } });
      await tamperWith(site, server!.servingPid, `delay_enter=${fault.eachMs * 100}`, fault.forMs);
      return server!.tell({ sync: { delayMs: 0, fails: false } });
    case 'failing writes':
      if (!mayTamper()) return count(tally, 'failing writes (left out: no strace here)');
      count(tally, `failing writes (${fault.code})`);
      return tamperWith(site, server!.servingPid, `error=${fault.code}`, fault.forMs);
    case 'network': {
      count(tally, `network of ${fault.link}: ${fault.weather}`);
      const links: Link[] = site.links[fault.link];
      const link = links[fault.node % links.length]!;
      link.setWeather(fault.weather);
      await sleep(fault.forMs);
      return link.setWeather('clear');
    }
    case 'kill database':
      return killDatabase(site, fault.how, fault.forMs, tally);
  }
}

/** Where it is already down, nothing is done. */
const down = new WeakSet<Site>();

async function killDatabase(
  site: Site,
  how: 'immediate' | 'SIGKILL',
  forMs: number,
  tally: Tally,
): Promise<void> {
  if (site.cluster === undefined || down.has(site)) return;
  count(tally, `kill of the database (${how})`);
  down.add(site);
  await site.cluster.crash(how);
  await sleep(forMs);
  await site.cluster.start();
  down.delete(site);
}

let tampers: boolean | undefined;
function mayTamper(): boolean {
  tampers ??= canTamper();
  return tampers;
}

async function tamperWith(
  { files }: Site,
  pid: number | undefined,
  inject: string,
  forMs: number,
): Promise<void> {
  if (pid === undefined || !mayTamper()) return sleep(forMs);
  return tamper(pid, files, inject, forMs);
}

/** Ends all that lasts. */
export function calm(site: Site): void {
  for (const links of Object.values(site.links)) for (const link of links) link.setWeather('clear');
  for (const server of site.servers) {
    server.resume();
    server.tell({ sync: { delayMs: 0, fails: false } });
  }
}
