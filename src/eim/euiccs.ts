// eUICCs that an account has the eIM manage: registered by their EIDs, shown, taken away.
import { shownCapabilities } from './capabilities.ts';
import { EuiccRefused } from './euicc-refused.ts';
import type { EimContext } from './eim.ts';
import { groupFor } from './fleet/groups.ts';
import { profilesOf, reportedOf, verifiedEuicc } from './euicc-record.ts';
import { fingerprintsOf, NO_IPA } from './injection/ipa-columns.ts';
import type { IpaColumns } from './injection/ipa-columns.ts';
import { wantInjection } from './injection/want.ts';
import {
  addInitialEimRequest,
  configurationDataOf,
  identityFor,
  MAKE_ASSOCIATION_TOKEN,
} from './identity.ts';
import type { CallbackColumns } from './operations/operation.ts';
import { addOperation, endOperation } from './operations/operation.ts';
import { pushOrders } from './push-orders.ts';
import { newestKeyNumber } from './server-keys.ts';
import { tellEuicc } from './tell.ts';
import { difference } from '../audit/entry.ts';
import type { Fields } from '../audit/entry.ts';
import { shownCallbackUrl, shownChoice } from '../outgoing/shown-url.ts';
import { AlreadyExists } from '../store/errors.ts';
import type { EuiccRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { apiDateOf } from '../values/date.ts';
import { sidAt } from '../values/sid.ts';

export interface NewEuicc {
  /** Checked before. */
  eid: string;
  friendlyName: string | null;
  resultSignature: EuiccRow['result_signature'];
  unsignedResults: boolean;
  /** Where callbacks about it go; by default, where the account wants them. */
  callback?: CallbackColumns | undefined;
  /** By its SID or its name: one that does not exist is made. */
  group?: string | undefined;
  /** JSON, checked before. */
  metadata?: string | null | undefined;
  /** Where its IPA listens, if it does. */
  ipa?: Partial<IpaColumns> | undefined;
  /** DER of both, if they are known. */
  certificates?: { euicc: Uint8Array; eum: Uint8Array } | undefined;
}

type RegisterContext = Pick<EimContext, 'eim' | 'log' | 'now' | 'pki' | 'store' | 'transact'>;

/** Those of before are pushed by themselves; for the others, the eIM begins to follow the events. */
const FOLLOWED_MS = 60_000;

/** Throws `EuiccRefused`. */
export async function registerEuicc(
  accountSid: string,
  given: NewEuicc,
  context: RegisterContext,
): Promise<EuiccRow> {
  const { transact } = context;
  const eid = given.eid.toUpperCase();
  checkCertificates(eid, given.certificates, context);
  const row = await transact(async (unit) => {
    const { group } = given;
    const made = newEuiccRow(
      accountSid,
      { ...given, eid },
      {
        key: await newestKeyNumber(unit.tables),
        groupSid: group === undefined ? null : (await groupFor(accountSid, group, unit)).sid,
      },
      unit,
    );
    await insertEuicc(made, unit);
    // First, since what it signs can only be verified with its certificate. One that signs nothing is an imitation, whose IPA may
    // have no certificates to tell, and no way to say of which eUICC it tells.
    if (!given.unsignedResults) await addOperation(made, 'euiccData', {}, null, unit);
    const { result_signature, unsigned_results } = made;
    const after = {
      eid,
      result_signature,
      unsigned_results: unsigned_results === 1,
      ...(made.ipa_url === null ? {} : auditedIpa(made)),
    };
    await unit.audit(accountSid, { subject: made.sid, after });
    return made;
  }).catch((error: unknown) => {
    if (!(error instanceof AlreadyExists)) throw error;
    throw new EuiccRefused('conflict', `An eUICC with EID ${eid} is registered already`);
  });
  await pushOrders(row, context);
  return row;
}

/** It is told; and from now on the eIM follows the orders of the account. Throws `AlreadyExists`. */
export async function insertEuicc(row: EuiccRow, unit: Unit): Promise<void> {
  await unit.tables.euiccs.insert(row);
  await tellEuicc(row, row.state, null, null, unit);
  await beginToFollow(row.account_sid, unit.now, unit);
}

export async function beginToFollow(
  accountSid: string,
  now: Date,
  { tables }: Pick<Unit, 'tables'>,
): Promise<void> {
  if ((await tables.eimOperations.mark(accountSid)) !== undefined) return;
  const since = new Date(now.getTime() - FOLLOWED_MS);
  await tables.eimOperations.setMark(accountSid, sidAt('event', since));
}

/** Throws `EuiccRefused`. */
function checkCertificates(
  eid: string,
  certificates: NewEuicc['certificates'],
  context: Pick<EimContext, 'pki' | 'now'>,
): void {
  if (certificates === undefined) return;
  const verified = verifiedEuicc(eid, certificates.euicc, certificates.eum, context);
  if (typeof verified !== 'string') return;
  throw new EuiccRefused('parameter', `The certificates are not accepted: ${verified}`);
}

const AS_THE_ACCOUNT: CallbackColumns = {
  callback_url: null,
  callback_method: 'POST',
  callback_off: 0,
};

export function newEuiccRow(
  accountSid: string,
  {
    eid,
    friendlyName,
    resultSignature,
    unsignedResults,
    callback,
    metadata,
    ipa,
    certificates,
  }: NewEuicc,
  { key, groupSid }: { key: number; groupSid: string | null },
  { sids, now }: Unit,
): EuiccRow {
  const date = now.toISOString();
  return {
    eid,
    account_sid: accountSid,
    sid: sids.next('euicc', now),
    friendly_name: friendlyName,
    state: 'registered',
    eim_key: key,
    association_token: null,
    counter: 0,
    seq_number: null,
    package_number: 0,
    result_signature: resultSignature,
    unsigned_results: unsignedResults ? 1 : 0,
    euicc_certificate: certificates?.euicc.toBase64() ?? null,
    eum_certificate: certificates?.eum.toBase64() ?? null,
    capabilities: null,
    profiles: null,
    date_profiles: null,
    reported: null,
    ...(callback ?? AS_THE_ACCOUNT),
    date_seen: null,
    group_sid: groupSid,
    metadata: metadata ?? null,
    orders_due: date,
    installation_seq_number: null,
    ...NO_IPA,
    ...ipa,
    date_created: date,
    date_updated: date,
  };
}

/** By its SID or its EID. */
export async function findEuicc(
  accountSid: string,
  name: string,
  { euiccs }: Pick<Unit['tables'], 'euiccs'>,
): Promise<EuiccRow | undefined> {
  if (name.startsWith('EU')) return euiccs.findBySid(accountSid, name);
  const row = await euiccs.find(name.toUpperCase());
  return row?.account_sid === accountSid ? row : undefined;
}

const audited = (row: EuiccRow): Fields => ({
  friendly_name: row.friendly_name,
  group_sid: row.group_sid,
  callback_url: shownUrl(row),
  callback_method: row.callback_method,
  callback_off: row.callback_off === 1,
  ...auditedIpa(row),
});

const auditedIpa = (row: EuiccRow): Fields => ({
  ipa_url: row.ipa_url,
  ipa_binding: row.ipa_binding,
  ipa_ca: fingerprintsOf(row),
});

const shownUrl = ({ callback_url: url }: Pick<EuiccRow, 'callback_url'>) =>
  url === null ? null : shownCallbackUrl(url);

/** With its operations, which end first. The eUICC itself still knows the eIM, until its device is told otherwise. */
export async function removeEuicc({ account_sid, sid, eid }: EuiccRow, unit: Unit): Promise<void> {
  const { tables, audit } = unit;
  const locked = await tables.euiccs.lock(eid);
  // Removed meanwhile, and perhaps registered again by somebody else.
  if (locked?.sid !== sid) return;
  const ending = {
    status: 'cancelled',
    errorCode: 'cancelled',
    errorMessage: 'The eUICC was removed',
  } as const;
  for (const operation of await tables.eimOperations.underWay(eid)) {
    await endOperation(operation, ending, { isDead: true }, unit);
  }
  await tellEuicc(locked, 'removed', locked.state, null, unit);
  await tables.eimOperations.deleteAll(eid);
  await tables.eimNotifications.deleteAll(eid);
  await tables.eimInjections.delete(eid);
  await tables.euiccs.delete(eid);
  await audit(account_sid, { subject: sid, before: { eid } });
}

/** What its onboarding depends on. */
export type OnboardedEuicc = Pick<EuiccRow, 'eim_key' | 'counter' | 'ipa_url' | 'result_signature'>;

/** DER of AddInitialEimRequest, for the device's IPA: with it, the eUICC knows this eIM. */
export async function onboardingOf(
  { eim_key: key, counter, ipa_url, result_signature: signature }: OnboardedEuicc,
  { eim }: Pick<EimContext, 'eim'>,
): Promise<Uint8Array> {
  const identity = identityFor(await eim.keys.identity(key), signature);
  const association = { counterValue: counter, associationToken: MAKE_ASSOCIATION_TOKEN };
  const injects = ipa_url !== null;
  return addInitialEimRequest(configurationDataOf(identity, association, { injects }));
}

/** As the API writes it. */
export function renderEuicc(row: EuiccRow, publicUrl: string): string {
  const url = `${publicUrl}/v1/Euiccs/${row.sid}`;
  const reported = reportedOf(row);
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    eid: row.eid,
    friendly_name: row.friendly_name,
    status: row.state,
    has_certificate: row.euicc_certificate !== null,
    counter: row.counter,
    sequence_number: row.seq_number,
    key: row.eim_key,
    result_signature: row.result_signature,
    unsigned_results: row.unsigned_results === 1,
    capabilities: shownCapabilities(row),
    profiles: profilesOf(row)?.map((profile) => ({ esim_profile_sid: null, ...profile })) ?? null,
    date_profiles: apiDateOf(row.date_profiles),
    date_listed: apiDateOf(reported.date_listed ?? null),
    default_smdp_address: reported.default_smdp_address ?? null,
    immediate_enable: reported.immediate_enable ?? null,
    eim_ids: reported.eim_ids ?? null,
    date_eim_ids: apiDateOf(reported.date_eim_ids ?? null),
    rules: reported.rules ?? null,
    date_rules: apiDateOf(reported.date_rules ?? null),
    callback_url: shownChoice(row),
    callback_method: row.callback_method,
    ipa_url: row.ipa_url,
    ipa_binding: row.ipa_url === null ? null : row.ipa_binding,
    ipa_ca_fingerprints: fingerprintsOf(row),
    group_sid: row.group_sid,
    metadata: row.metadata === null ? {} : (JSON.parse(row.metadata) as object),
    date_seen: apiDateOf(row.date_seen),
    date_created: apiDateOf(row.date_created),
    date_updated: apiDateOf(row.date_updated),
    url,
    links: {
      operations: `${url}/Operations`,
      events: `${url}/Events`,
      onboarding: `${url}/Onboarding`,
    },
  });
}

/** What its owner says about it. @param change of the row as it is now; what is absent stays. Throws `EuiccRefused`. */
export async function updateEuicc(
  found: EuiccRow,
  change: (row: EuiccRow) => {
    friendlyName?: string | null;
    /** Null: none. */
    group?: string | null;
    metadata?: string | null;
    callback?: Partial<CallbackColumns>;
    ipa?: Partial<IpaColumns>;
  },
  unit: Unit,
): Promise<EuiccRow> {
  const { tables, now } = unit;
  const row = await tables.euiccs.lock(found.eid);
  if (row?.sid !== found.sid) throw new EuiccRefused('conflict', 'The eUICC was removed');
  const { friendlyName, group, metadata, callback, ipa } = change(row);
  const changed: Partial<EuiccRow> = {
    ...(friendlyName === undefined ? {} : { friendly_name: friendlyName }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(group === undefined
      ? {}
      : { group_sid: group === null ? null : (await groupFor(row.account_sid, group, unit)).sid }),
    ...callback,
    ...ipa,
  };
  const names = Object.keys(changed) as (keyof EuiccRow)[];
  if (names.every((name) => changed[name] === row[name])) return row;
  const after = { ...row, ...changed, date_updated: now.toISOString() };
  await tables.euiccs.update(row.eid, { ...changed, date_updated: after.date_updated });
  if (row.ipa_url !== null && after.ipa_url === null) await tables.eimInjections.delete(row.eid);
  else if (Object.keys(ipa ?? {}).length > 0) await wantInjection(after, unit);
  const { before, after: shown } = difference(audited(row), audited(after));
  await unit.audit(row.account_sid, {
    subject: row.sid,
    before,
    after: { ...shown, ...(after.metadata === row.metadata ? {} : { metadata: 'changed' }) },
  });
  return after;
}
