// What a restored past is, for people and for programs.
import { findPast } from '../past/restored-past.ts';
import type { RestoredPast } from '../past/restored-past.ts';
import type { InFlight } from '../store/in-flight.ts';
import type { CommandData } from './data.ts';
import { print } from './output.ts';
import { renderFields } from './table.ts';

export interface PastSurvey {
  past: RestoredPast | null;
  /** By account. */
  held: { account_sid: string; stock: number; orders: number }[];
  in_flight: InFlight;
}

export async function surveyOf({ store }: CommandData): Promise<PastSurvey> {
  const counts = await store.heldSubscriptions.counts();
  const held = Map.groupBy(counts, ({ account_sid }) => account_sid);
  return {
    past: (await findPast(store)) ?? null,
    held: Array.from(held, ([account_sid, of]) => ({
      account_sid,
      stock: sum(of.filter(({ state }) => state === 'Unavailable')),
      orders: sum(of.filter(({ state }) => state !== 'Unavailable')),
    })),
    in_flight: await store.inFlight(),
  };
}

const sum = (counts: { count: number }[]) => counts.reduce((all, { count }) => all + count, 0);

export function printPast({ past, held, in_flight: inFlight }: PastSurvey): void {
  if (past === null) {
    print('The database is no restored past.\n');
    return;
  }
  const notResumed = past.is_held ? 'no: simwright restore resume allows it' : 'no';
  print(
    renderFields([
      ['restored to', past.of],
      ['noticed', `${past.date_noticed} by the ${NOTICED[past.noticed_by]}`],
      ['servers may start', past.date_resumed === null ? notResumed : `since ${past.date_resumed}`],
    ]),
  );
  if (held.length === 0) print('\nNothing is held back.\n');
  for (const { account_sid, stock, orders } of held) {
    print(
      `\nHeld back of ${account_sid}: ${number(stock)} subscriptions that were in stock, and may have been given out since;\n` +
        `${number(orders)} orders that may have been downloaded since, or have ended and been given to another.\n`,
    );
  }
  if (past.date_resumed !== null) return;
  print(`\nWhat was unfinished then, and may have come to an end since:\n`);
  for (const line of warnings(inFlight)) print(`  - ${line}\n`);
  print(`\nWhat nobody here can know of the time since ${past.of}:\n`);
  for (const line of UNKNOWN) print(`  - ${line}\n`);
  print(`\nSay what is free: simwright restore release --help\n`);
}

const NOTICED = { restore: 'restore', operator: 'operator', server: 'server' } satisfies Record<
  RestoredPast['noticed_by'],
  string
>;

const number = (count: number) => count.toLocaleString('en');

function warnings(inFlight: InFlight): string[] {
  const { ordered, downloaded, batches, callbacks, progress_reports: reports } = inFlight;
  return [
    `${number(ordered)} orders without an ICCID get one when there is stock; another than the one that clients may have been told`,
    `${number(downloaded)} orders are downloaded; phones do not repeat a notification of the installation that was taken`,
    `${number(batches)} batches are running; they order again what they had ordered since`,
    `${number(callbacks)} callbacks are sent, perhaps again: with the same I-Twilio-Idempotency-Token and webhook-id`,
    `${number(reports)} reports to operators are sent, perhaps again`,
  ];
}

const UNKNOWN = [
  'orders, and what their clients were told: simwright verify --acknowledged FILE lists those that are missing',
  'Idempotency-Keys: a request that is repeated is carried out again',
  'API keys and certificates that were revoked, tokens and secrets that were changed, links that were withdrawn: they are as before. Revoke and change them again',
  'certificates and CRLs that were imported: import them again',
];
