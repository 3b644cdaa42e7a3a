// Ranges of EIDs: which unknown eUICCs an account has registered on first contact, and how many.
import { addInitialEimRequest, configurationDataOf } from './identity.ts';
import { EuiccRefused } from './euicc-refused.ts';
import type { EimContext } from './eim.ts';
import { newestKeyNumber } from './server-keys.ts';
import { LEAST_PREFIX } from '../store/euicc-ranges.ts';
import type { EuiccRangeRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { apiDate } from '../values/date.ts';

export const MOST_RANGES = 50;
export const MOST_OF_RANGE = 10_000_000;
export const EID_PREFIX = `^[0-9]{${LEAST_PREFIX},32}$`;

export interface NewRange {
  /** Checked before. */
  eidPrefix: string;
  limit: number;
  resultSignature: EuiccRangeRow['result_signature'];
}

/** Throws `EuiccRefused`. */
export async function createRange(
  accountSid: string,
  { eidPrefix, limit, resultSignature }: NewRange,
  { tables, sids, now, audit }: Unit,
): Promise<EuiccRangeRow> {
  await tables.euiccRanges.lockAll();
  const others = await tables.euiccRanges.list(accountSid);
  if (others.length >= MOST_RANGES) {
    throw new EuiccRefused(
      'conflict',
      `The account has ${others.length} ranges, which is the most`,
    );
  }
  if (await tables.euiccRanges.isAnothers(accountSid, eidPrefix)) {
    const message = `EIDs that begin with ${eidPrefix} are, at least in part, in a range of another account`;
    throw new EuiccRefused('conflict', message);
  }
  const date = now.toISOString();
  const row: EuiccRangeRow = {
    eid_prefix: eidPrefix,
    account_sid: accountSid,
    sid: sids.next('euiccRange', now),
    most: limit,
    registered: 0,
    result_signature: resultSignature,
    date_created: date,
    date_updated: date,
  };
  if (!(await tables.euiccRanges.insert(row))) {
    throw new EuiccRefused('conflict', `EIDs that begin with ${eidPrefix} are a range already`);
  }
  await audit(accountSid, { subject: row.sid, after: shown(row) });
  return row;
}

/** @returns undefined if there is no such range */
export async function updateRange(
  accountSid: string,
  sid: string,
  limit: number,
  { tables, now, audit }: Unit,
): Promise<EuiccRangeRow | undefined> {
  const row = await lockRange(accountSid, sid, tables);
  if (row === undefined) return undefined;
  const changed = { ...row, most: limit, date_updated: now.toISOString() };
  await tables.euiccRanges.update(row.eid_prefix, {
    most: changed.most,
    date_updated: changed.date_updated,
  });
  await audit(accountSid, { subject: sid, before: shown(row), after: shown(changed) });
  return changed;
}

/** With the eUICCs that have yet to prove who they are; those that it has registered stay. @returns false if there is none */
export async function deleteRange(
  accountSid: string,
  sid: string,
  { tables, audit }: Unit,
): Promise<boolean> {
  const row = await lockRange(accountSid, sid, tables);
  if (row === undefined) return false;
  await tables.euiccContacts.deleteRange(row.eid_prefix);
  await tables.euiccRanges.delete(row.eid_prefix);
  await audit(accountSid, { subject: sid, before: shown(row) });
  return true;
}

async function lockRange(
  accountSid: string,
  sid: string,
  { euiccRanges }: Unit['tables'],
): Promise<EuiccRangeRow | undefined> {
  const found = await euiccRanges.find(accountSid, sid);
  const row = found && (await euiccRanges.lock(found.eid_prefix));
  return row?.sid === sid ? row : undefined;
}

const shown = ({ eid_prefix, most: limit, result_signature }: EuiccRangeRow) => ({
  eid_prefix,
  limit,
  result_signature,
});

/** DER of AddInitialEimRequest, the same for all devices. */
export async function onboardingOfAll({
  eim,
  store,
}: Pick<EimContext, 'eim' | 'store'>): Promise<Uint8Array> {
  return addInitialEimRequest(
    configurationDataOf(await eim.keys.identity(await newestKeyNumber(store))),
  );
}

/** As the API writes it. */
export function renderRange(row: EuiccRangeRow, publicUrl: string) {
  const url = `${publicUrl}/v1/EuiccRanges/${row.sid}`;
  return {
    sid: row.sid,
    account_sid: row.account_sid,
    eid_prefix: row.eid_prefix,
    limit: row.most,
    registered: row.registered,
    result_signature: row.result_signature,
    date_created: apiDate(new Date(row.date_created)),
    date_updated: apiDate(new Date(row.date_updated)),
    url,
    links: { onboarding: `${url}/Onboarding` },
  };
}
