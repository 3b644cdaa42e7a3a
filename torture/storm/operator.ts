// The operator during a storm, who sees to it that the stock lasts and that callbacks do not wait for an hour.
import { setTimeout as sleep } from 'node:timers/promises';
import { luhnDigit } from '../../src/rsp/identifiers.ts';
import { DEFAULT_PROFILE_TYPE } from '../../src/smdp/stock/subscription.ts';
import type { ApiAnswer, ApiRequest, World } from '../world.ts';
import { NoAnswer } from '../world.ts';

const EVERY_MS = 2_000;
const LEAST_STOCK = 300;
const IMPORTED = 300;
/** A callback that has failed four times waits for ten minutes, which is longer than a client does. */
const RETRY_EVERY_MS = 30_000;

export async function operate(world: World, isOver: () => boolean): Promise<void> {
  let retriedAt = performance.now();
  while (!isOver()) {
    await sleep(EVERY_MS);
    if (isOver()) return;
    const stock = await tryTo(world, { method: 'GET', path: '/v1/Stock' });
    if (stock?.status === 200 && availableOf(stock.json) < LEAST_STOCK) {
      await tryTo(world, { method: 'POST', path: '/v1/Stock/Imports', csv: newStock(world) });
    }
    if (performance.now() < retriedAt + RETRY_EVERY_MS) continue;
    const sent = await tryTo(world, { method: 'POST', path: '/v1/Callbacks/Retry?State=pending' });
    if (sent?.status === 202) retriedAt = performance.now();
  }
}

async function tryTo(world: World, request: ApiRequest): Promise<ApiAnswer | undefined> {
  try {
    return await world.send(request);
  } catch (error) {
    if (error instanceof NoAnswer || (error as Error).name === 'AbortError') return undefined;
    throw error;
  }
}

function availableOf(stock: any): number {
  const own = stock.profile_types.find((one: any) => one.profile_type === DEFAULT_PROFILE_TYPE);
  return own?.available ?? 0;
}

function newStock({ random }: World): string {
  const prefix = `8949448${random.digits(8)}`;
  const rows = Array.from({ length: IMPORTED }, (_, index) => {
    const number = String(index).padStart(3, '0');
    const iccid = `${prefix}${number}`;
    const imsi = `99971${prefix.slice(-7)}${number}`;
    return `${imsi},${iccid}${luhnDigit(iccid)},${random.digits(32)},${random.digits(32)}`;
  });
  return ['imsi,iccid,ki,opc', ...rows].join('\n');
}
