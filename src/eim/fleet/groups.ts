// Groups of eUICCs, as a Sim has its Fleet: each eUICC is in one at most.
import { EuiccRefused } from '../euicc-refused.ts';
import { AlreadyExists } from '../../store/errors.ts';
import type { EuiccGroupRow, EuiccRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { apiDateOf } from '../../values/date.ts';
import { isSid } from '../../values/sid.ts';

export const GROUP_NAME_LIMIT = 64;
/** No control characters: it is one line, in a table as on a terminal. */
export const GROUP_NAME_PATTERN = '^[^\\p{Cc}]*$';
const NAME = new RegExp(GROUP_NAME_PATTERN, 'u');

export const EUICC_STATES = [
  'registered',
  'associated',
  'left',
] as const satisfies EuiccRow['state'][];

/** Throws `EuiccRefused`. @returns the name as it is kept */
function checkedName(text: string): string {
  const name = text.normalize('NFC').trim();
  const length = Array.from(name).length;
  if (length < 1 || length > GROUP_NAME_LIMIT || !NAME.test(name) || isSid('euiccGroup', name)) {
    const message = `the name of a group has 1 to ${GROUP_NAME_LIMIT} characters, none of which controls, and is no SID; got '${name.slice(0, 100)}'`;
    throw new EuiccRefused('parameter', message);
  }
  return name;
}

/** By its SID or its name. */
export async function findGroup(
  accountSid: string,
  given: string,
  { euiccGroups }: Pick<Store, 'euiccGroups'>,
): Promise<EuiccGroupRow | undefined> {
  if (isSid('euiccGroup', given)) return euiccGroups.find(accountSid, given);
  return euiccGroups.findByName(accountSid, given.normalize('NFC').trim());
}

/** Of what is to be put into it, so it is locked: one that does not exist is made. Throws `EuiccRefused`. */
export async function groupFor(
  accountSid: string,
  given: string,
  unit: Unit,
): Promise<EuiccGroupRow> {
  const { euiccGroups } = unit.tables;
  const found = await findGroup(accountSid, given, unit.tables);
  if (found === undefined) {
    if (isSid('euiccGroup', given)) {
      throw new EuiccRefused('parameter', `there is no group ${given}`);
    }
    try {
      return await createGroup(accountSid, given, unit);
    } catch (error) {
      if (!(error instanceof AlreadyExists)) throw error;
      // Made by somebody else meanwhile.
      return groupFor(accountSid, given, unit);
    }
  }
  const locked = await euiccGroups.lock(accountSid, found.sid);
  return locked ?? groupFor(accountSid, given, unit);
}

/** Throws `EuiccRefused`; `AlreadyExists`. */
export async function createGroup(
  accountSid: string,
  given: string,
  { tables, sids, now, audit }: Unit,
): Promise<EuiccGroupRow> {
  const date = now.toISOString();
  const row: EuiccGroupRow = {
    account_sid: accountSid,
    sid: sids.next('euiccGroup', now),
    name: checkedName(given),
    date_created: date,
    date_updated: date,
  };
  await tables.euiccGroups.insert(row);
  await audit(accountSid, { subject: row.sid, after: { name: row.name } });
  return row;
}

/** Throws `EuiccRefused`. @returns undefined if there is no such group */
export async function renameGroup(
  { account_sid, sid }: EuiccGroupRow,
  given: string,
  { tables, now, audit }: Unit,
): Promise<EuiccGroupRow | undefined> {
  const name = checkedName(given);
  const row = await tables.euiccGroups.lock(account_sid, sid);
  if (row === undefined || row.name === name) return row;
  const other = await tables.euiccGroups.findByName(account_sid, name);
  if (other !== undefined) {
    throw new EuiccRefused('conflict', `There is a group named '${name}' already`);
  }
  const changed = { name, date_updated: now.toISOString() };
  await tables.euiccGroups.rename(row, changed);
  await audit(account_sid, { subject: sid, before: { name: row.name }, after: { name } });
  return { ...row, ...changed };
}

/** Only an empty one: throws `EuiccRefused`. */
export async function deleteGroup(
  { account_sid, sid }: EuiccGroupRow,
  { tables, audit }: Unit,
): Promise<void> {
  const row = await tables.euiccGroups.lock(account_sid, sid);
  if (row === undefined) return;
  if ((await tables.euiccGroups.countStates([row])).length > 0) {
    throw new EuiccRefused('conflict', `There are eUICCs in the group '${row.name}'`);
  }
  await tables.euiccGroups.delete(row);
  await audit(account_sid, { subject: sid, before: { name: row.name } });
}

export type StateCounts = Record<EuiccRow['state'], number>;

/** How many eUICCs of each group are in each state. */
export async function countStates(
  groups: readonly EuiccGroupRow[],
  { euiccGroups }: Pick<Store, 'euiccGroups'>,
): Promise<StateCounts[]> {
  const counted = await euiccGroups.countStates(groups);
  const found = new Map(counted.map(({ group_sid, state, count }) => [group_sid + state, count]));
  return groups.map(
    ({ sid }) =>
      Object.fromEntries(
        EUICC_STATES.map((state) => [state, found.get(sid + state) ?? 0]),
      ) as StateCounts,
  );
}

/** As the API writes it. @param euiccs left out of lists, unless somebody asks for them */
export function renderGroup(row: EuiccGroupRow, publicUrl: string, euiccs?: StateCounts): string {
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    name: row.name,
    euiccs,
    date_created: apiDateOf(row.date_created),
    date_updated: apiDateOf(row.date_updated),
    url: `${publicUrl}/v1/Euiccs/Groups/${row.sid}`,
    links: {
      euiccs: `${publicUrl}/v1/Euiccs?Group=${row.sid}`,
      onboarding: `${publicUrl}/v1/Euiccs/Onboarding?Group=${row.sid}`,
    },
  });
}
