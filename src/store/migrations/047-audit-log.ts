import type { Flavor } from '../flavor.ts';

/**
 * Who changed what: entries, the seals that chain them, and how far they were deleted. The database itself refuses to change
 * or delete any of it, but what a checkpoint has told of before.
 */
export function auditLog({ name, text, clustered }: Flavor): string[] {
  return [
    `create table audit_entries (
      account_sid ${text} not null,
      sid ${text} not null,
      operation ${text} not null,
      actor ${text} not null,
      subject ${text},
      entry ${text} not null,
      mac ${text} not null,
      primary key (account_sid, sid)
    ) ${clustered}`,
    `create index audit_entries_by_time on audit_entries (sid)`,
    `create index audit_entries_by_operation on audit_entries (account_sid, operation, sid)`,
    `create index audit_entries_by_actor on audit_entries (account_sid, actor, sid)`,
    `create index audit_entries_by_subject on audit_entries (account_sid, subject, sid)
      where subject is not null`,

    `create table audit_seals (
      number integer not null primary key,
      last_sid ${text} not null,
      seal ${text} not null,
      mac ${text} not null
    ) ${clustered}`,

    `create table audit_checkpoints (
      number integer not null primary key,
      last_sid ${text} not null,
      checkpoint ${text} not null,
      mac ${text} not null
    ) ${clustered}`,

    ...(name === 'sqlite' ? SQLITE : POSTGRES),
  ];
}

/** Of each table, which rows may be deleted. */
const DELETABLE = {
  audit_entries: 'exists (select 1 from audit_checkpoints where last_sid >= old.sid)',
  audit_seals: 'exists (select 1 from audit_checkpoints where number > old.number)',
  audit_checkpoints: 'exists (select 1 from audit_checkpoints where number > old.number)',
};
const REFUSAL = 'The audit log is only ever added to';

const TABLES = Object.entries(DELETABLE);

const SQLITE = TABLES.flatMap(([table, deletable]) => [
  `create trigger ${table}_stay before update on ${table}
    begin select raise(abort, '${REFUSAL}'); end`,
  `create trigger ${table}_remain before delete on ${table} when not ${deletable}
    begin select raise(abort, '${REFUSAL}'); end`,
]);

const POSTGRES = [
  `create function audit_log_stays() returns trigger language plpgsql as
    $$ begin raise exception '${REFUSAL}'; end $$`,
  ...TABLES.flatMap(([table, deletable]) => [
    `create function ${table}_remain() returns trigger language plpgsql as
      $$ begin
        if not ${deletable} then raise exception '${REFUSAL}'; end if;
        return old;
      end $$`,
    `create trigger ${table}_stay before update on ${table}
      for each row execute function audit_log_stays()`,
    `create trigger ${table}_remain before delete on ${table}
      for each row execute function ${table}_remain()`,
    `create trigger ${table}_whole before truncate on ${table}
      for each statement execute function audit_log_stays()`,
  ]),
];
