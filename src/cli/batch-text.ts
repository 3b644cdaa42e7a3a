// How a batch is found, followed and shown on a terminal.
import { setTimeout as sleep } from 'node:timers/promises';
import { countStatuses, renderBatch } from '../operator/batch/resource.ts';
import type { BatchRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { CommandData } from './data.ts';
import { onInterrupt } from './interrupt.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { progressBar } from './progress.ts';
import { problemOfServer } from './reach-server.ts';
import { renderFields } from './table.ts';
import { EndWith, UserError } from './user-error.ts';

const LOOK_MS = 200;

/** Throws `UserError` if the account has no such batch. */
export async function findBatch(
  { batches }: Pick<Store, 'batches'>,
  accountSid: string,
  sid: string,
): Promise<BatchRow> {
  const batch = await batches.find({ account_sid: accountSid, sid });
  if (batch === undefined) throw new UserError(`There is no batch ${sid} in account ${accountSid}`);
  return batch;
}

/** As the API has it. */
async function batchRecord(
  batch: BatchRow,
  { store, publicUrl }: Pick<CommandData, 'store' | 'publicUrl'>,
): Promise<Record<string, unknown>> {
  const json = renderBatch(batch, publicUrl, await countStatuses(batch, store));
  return JSON.parse(json) as Record<string, unknown>;
}

export async function printBatch(
  batch: BatchRow,
  { json }: JsonOption,
  data: Pick<CommandData, 'store' | 'publicUrl'>,
): Promise<void> {
  if (json) return printJson(await batchRecord(batch, data));
  const counts = Object.entries(await countStatuses(batch, data.store));
  const profiles = counts.filter(([, count]) => count > 0);
  const open = batch.item_count - batch.ordered - batch.refused;
  const failure: [string, string | null][] = [
    ['Error code', batch.error_code],
    ['Error message', batch.error_message],
  ];
  print(
    renderFields([
      ['SID', batch.sid],
      ['Status', batch.status],
      ['Account', batch.account_sid],
      ['All or nothing', batch.all_or_nothing === 1 ? 'yes' : 'no'],
      ['Items', batch.item_count],
      ['Ordered', batch.ordered],
      ['Refused', batch.refused],
      [batch.status === 'running' ? 'Pending' : 'Not ordered', open],
      ['Stock reserved', batch.reserved],
      ['eSIM Profiles', profiles.map(([status, count]) => `${count} ${status}`).join(', ')],
      ...(batch.error_code === null ? [] : failure),
      ['Created', batch.date_created],
      ['Completed', batch.date_completed],
    ]),
  );
}

/** Shows how far a batch has got until it ends, or Ctrl-C. */
export async function followBatch(
  { account_sid: accountSid, sid }: BatchRow,
  { store, publicUrl }: Pick<CommandData, 'store' | 'publicUrl'>,
): Promise<BatchRow> {
  const interrupted = onInterrupt();
  using bar = progressBar();
  for (let looked = 0; ; looked++) {
    const batch = await findBatch(store, accountSid, sid);
    const { item_count: count, ordered, refused, reserved, step } = batch;
    if (step === null || interrupted.aborted) return batch;
    if (looked === 0) await tellWhoIsMissing(publicUrl);
    const isReserving = step === 'reserve';
    const done = isReserving ? reserved : ordered + refused;
    bar.show(
      TITLES[step],
      step === 'return' ? undefined : done / count,
      step === 'return' ? reserved : done,
    );
    await sleep(LOOK_MS);
  }
}

/** Without a server, the batch would wait, and nobody would know for what. */
async function tellWhoIsMissing(publicUrl: string): Promise<void> {
  const problem = await problemOfServer(publicUrl);
  if (problem !== undefined) process.stderr.write(`${problem}\nA server carries the batch out.\n`);
}

const TITLES = {
  reserve: 'Reserving stock',
  order: 'Ordering',
  return: 'Returning stock',
};

/** The exit code tells whether all items of a batch that has ended are ordered. */
export function endWithBatch({ status, refused }: BatchRow): void {
  if (status === 'failed' || (status === 'completed' && refused > 0)) throw new EndWith(1);
}
