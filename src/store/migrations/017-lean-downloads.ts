import type { Flavor } from '../flavor.ts';

/** The `date_due` of sessions with a log. */
const NOT_DUE = '9999';

/**
 * A session holds the log of its calls, which are no more rows of `rsp_log`. Existing sessions, and those that an older node
 * of a cluster adds, have none.
 */
export function leanDownloads(flavor: Flavor): string[] {
  return [
    `drop index rsp_sessions_by_due`,
    ...(flavor.name === 'sqlite' ? inOrderOfTime(flavor) : withRoom(flavor)),
    `create index rsp_sessions_by_due on rsp_sessions (date_due) where date_due < '${NOT_DUE}'`,
    `create index rsp_sessions_by_order on rsp_sessions (account_sid, ordered_by)
      where date_due = '${NOT_DUE}'`,
    `create index rsp_sessions_by_age on rsp_sessions (date_created)
      where date_due = '${NOT_DUE}'`,
  ];
}

/**
 * SQLite stores rows of this size next to those of the same time, in few pages, only if the table has a rowid. In one
 * without, each is on a page of its own by its random TransactionID, with the rest of it on another.
 */
function inOrderOfTime({ text, bytes }: Flavor): string[] {
  const columns = [
    'transaction_id',
    'step',
    'euicc_ci_pk_id',
    'dp_ci_pk_id',
    'account_sid',
    'iccid',
    'ordered_by',
    'eid',
    'euicc_certificate',
    'bound_before',
    'confirmation_required',
    'smdp_signature2',
    'authenticate_digest',
    'bpp_euicc_otpk',
    'bind_digest',
    'smdp_sign',
    'date_created',
    'date_expires',
    'date_due',
  ].join();
  return [
    `create table rsp_sessions_by_time (
      transaction_id ${text} not null primary key,
      step ${text} not null check (step in ('initiated', 'authenticated', 'bound', 'ended')),
      euicc_ci_pk_id ${text} not null,
      dp_ci_pk_id ${text} not null,
      account_sid ${text},
      iccid ${text},
      ordered_by ${text},
      eid ${text},
      euicc_certificate ${text},
      bound_before integer not null check (bound_before in (0, 1)),
      confirmation_required integer not null check (confirmation_required in (0, 1)),
      smdp_signature2 ${text},
      authenticate_digest ${text},
      bpp_euicc_otpk ${text},
      bind_digest ${text},
      smdp_sign ${text},
      date_created ${text} not null,
      date_expires ${text} not null,
      date_due ${text} not null,
      log ${bytes}
    )`,
    `insert into rsp_sessions_by_time (${columns}) select ${columns} from rsp_sessions`,
    `drop table rsp_sessions`,
    `alter table rsp_sessions_by_time rename to rsp_sessions`,
  ];
}

/** PostgreSQL updates a row without touching its indexes if its next version fits on the same page. */
function withRoom({ bytes }: Flavor): string[] {
  return [
    `alter table rsp_sessions add column log ${bytes}`,
    `alter table rsp_sessions alter column log set storage external`,
    `alter table rsp_sessions set (fillfactor = 50, toast_tuple_target = 8160)`,
    RECONNECT,
  ];
}

/**
 * Older nodes have prepared `select *`, which PostgreSQL refuses for good on that connection once there is another column.
 * They prepare it again on another one, and until the end of this transaction wait for the table. A node that is
 * starting waits for its turn to migrate.
 */
export const RECONNECT = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and usename = current_user and application_name = 'simwright'
    and backend_start < (select backend_start from pg_stat_activity where pid = pg_backend_pid())
    and wait_event is distinct from 'advisory'`;
