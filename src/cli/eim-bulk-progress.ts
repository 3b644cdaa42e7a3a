// A bulk operation of an account on the terminal: what it is, how far it has got, and how it ended.
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { countBulk } from '../eim/fleet/bulk.ts';
import type { BulkCounts } from '../eim/fleet/bulk.ts';
import { renderBulk } from '../eim/fleet/render-bulk.ts';
import type { BulkOperationRow } from '../store/schema.ts';
import type { EimData } from './eim-data.ts';
import { onInterrupt } from './interrupt.ts';
import { accountOption, parseSid } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { progressBar } from './progress.ts';
import { problemOfServer } from './reach-server.ts';
import { renderFields } from './table.ts';
import { EndWith, UserError } from './user-error.ts';

/** A command about a bulk operation. */
export const ofBulk = (name: string) =>
  new Command(name)
    .argument('<SID>', 'the bulk operation', parseSid('bulkOperation'))
    .addOption(accountOption());

/** Throws `UserError` if the account has no such one. */
export async function bulkNamed(sid: string, { accountSid, data: { store } }: EimData) {
  const row = await store.bulkOperations.find({ account_sid: accountSid, sid });
  if (row !== undefined) return row;
  throw new UserError(`There is no bulk operation ${sid} in account ${accountSid}`);
}

export async function printBulk(
  row: BulkOperationRow,
  { json }: JsonOption,
  { data: { store, publicUrl } }: EimData,
): Promise<void> {
  const counts = await countBulk(row, store);
  if (json) return printJson(JSON.parse(renderBulk(row, publicUrl, counts)));
  const why: [string, string | null][] = [
    ['Error code', row.error_code],
    ['Error message', row.error_message],
  ];
  print(
    renderFields([
      ['SID', row.sid],
      ['Status', row.status],
      ['Operation', row.kind],
      ['eUICCs', row.item_count],
      ...fieldsOf(counts),
      ['Rate', row.rate === null ? 'all at once' : `${row.rate} a minute`],
      ['Canaries', canariesWords(row)],
      ['Maximum failures', row.maximum_failures ?? 'any'],
      ...(row.error_code === null ? [] : why),
      ['Created', row.date_created],
      ['Expires', row.date_expires],
      ['Ended', row.date_ended],
    ]),
  );
}

function canariesWords({ canary, canary_approval, is_canary, status }: BulkOperationRow): string {
  if (canary === null) return 'none';
  if (is_canary === 0) return `${canary}, passed`;
  if (status !== 'running' && status !== 'paused') return `${canary}, not passed`;
  return `${canary}, under way${canary_approval === 1 ? ', then it pauses' : ''}`;
}

const TITLES: Record<keyof BulkCounts, string> = {
  waiting: 'Waiting',
  queued: 'Queued',
  sent: 'Sent',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  refused: 'Refused',
  not_sent: 'Not sent',
};

const fieldsOf = (counts: BulkCounts): [string, number][] =>
  Object.entries(TITLES)
    .map(([name, title]): [string, number] => [title, counts[name as keyof BulkCounts]])
    .filter(([, count]) => count > 0);

const LOOK_MS = 500;

/** Shows how far it has got until it ends, does not go on by itself, or Ctrl-C. */
export async function follow(first: BulkOperationRow, eim: EimData): Promise<BulkOperationRow> {
  const { store, publicUrl } = eim.data;
  const interrupted = onInterrupt();
  using bar = progressBar();
  for (let looked = 0; ; looked++) {
    const row = await bulkNamed(first.sid, eim);
    if (row.step === null || row.step === 'hold' || interrupted.aborted) return row;
    if (looked === 0) {
      const problem = await problemOfServer(publicUrl);
      if (problem !== undefined) {
        process.stderr.write(`${problem}\nA server carries the bulk operation out.\n`);
      }
    }
    const { completed, failed, cancelled, refused, waiting, queued, sent } = await countBulk(
      row,
      store,
    );
    const isCanary = row.is_canary === 1;
    // Refused are all from the beginning, also those that are no canaries.
    const done = completed + failed + cancelled + (isCanary ? 0 : refused);
    const of = isCanary ? Math.min(row.canary ?? 1, row.item_count) : row.item_count;
    const note = `${failed} failed, ${sent} sent, ${queued} queued, ${waiting} waiting`;
    bar.show(isCanary ? 'Canaries' : 'eUICCs', Math.min(done / of, 1), done, note);
    await sleep(LOOK_MS);
  }
}

/** The exit code tells whether all of one that has ended have done it. */
export async function endWith(row: BulkOperationRow, { data: { store } }: EimData): Promise<void> {
  const { failed, refused } = await countBulk(row, store);
  if (row.status === 'halted' || failed + refused > 0) throw new EndWith(1);
}
