import type { Kysely } from 'kysely';
import { CONFIRMATION_CODE_LIMIT } from '../smdp/download/confirmation-code.ts';
import { DOWNLOAD_LIMIT } from '../smdp/download/ordered-profile.ts';
import type { SubscriptionRow, Tables } from '../store/schema.ts';
import { violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { findLoggedCalls } from './logged-calls.ts';
import { isSuccess } from './packages.ts';
import { valuesOf } from './related.ts';
import { walk } from './slices.ts';

const COLUMNS = [
  'state',
  'ordered_by',
  'order_number',
  'ended_reason',
  'confirmation_code',
  'confirmation_code_attempts',
  'download_attempts',
] as const satisfies (keyof SubscriptionRow)[];
type Profile = Pick<SubscriptionRow, 'account_sid' | 'iccid' | (typeof COLUMNS)[number]>;

export const counters: Invariant = {
  name: 'counters',
  promise:
    'Downloads and wrong confirmation codes are counted within their limits, and no download in the log is uncounted.',
  tables: ['subscriptions'],
  check: (evidence) => walk(evidence, 'subscriptions', judge, { columns: COLUMNS }),
};

async function judge(rows: Profile[], db: Kysely<Tables>): Promise<Violation[]> {
  const ordered = rows.filter(({ ordered_by }) => ordered_by !== null);
  const log = await findLoggedCalls(
    db,
    valuesOf(ordered, ({ ordered_by }) => ordered_by),
  );
  return ordered.flatMap((row) => {
    const begun = log
      .all(row, row.ordered_by)
      .filter((entry) => entry.function === 'authenticateClient' && isSuccess(entry.status))
      // The order may have been given to the SM-DP+ again, and begun to count anew.
      .filter(({ order_number: number }) => number === null || number === row.order_number)
      // A call that was repeated is logged again.
      .map(({ transaction_id }) => transaction_id);
    const problems = [...problemsOf(row, new Set(begun).size)];
    return problems.map((problem) => violation(row, row.iccid, problem));
  });
}

function* problemsOf(row: Profile, begun: number): Iterable<string> {
  const { state, ended_reason: reason, download_attempts: downloads } = row;
  const { confirmation_code_attempts: codes } = row;
  if (downloads < 0 || downloads > DOWNLOAD_LIMIT) {
    yield `${downloads} downloads are counted; an order allows ${DOWNLOAD_LIMIT}`;
  }
  if (downloads < begun) yield `${downloads} downloads are counted, but the log has ${begun}`;
  if (downloads === 0 && (state === 'Downloaded' || state === 'Installed')) {
    yield `it is ${state}, but no download is counted`;
  }
  if (reason === 'downloadAttempts' && downloads < DOWNLOAD_LIMIT) {
    yield `its order ended by too many downloads, but ${downloads} are counted`;
  }
  if (codes < 0 || codes > CONFIRMATION_CODE_LIMIT) {
    yield `${codes} wrong confirmation codes are counted; an order allows ${CONFIRMATION_CODE_LIMIT}`;
  }
  if (codes > 0 && row.confirmation_code === null) {
    yield `${codes} wrong confirmation codes are counted, but it has no code`;
  }
  if (codes >= CONFIRMATION_CODE_LIMIT && state !== 'Error') {
    yield `${codes} wrong confirmation codes are counted, but the order has not ended`;
  }
  if (reason === 'confirmationCode' && codes < CONFIRMATION_CODE_LIMIT) {
    yield `its order ended by wrong confirmation codes, but ${codes} are counted`;
  }
}
