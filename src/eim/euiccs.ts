// eUICCs that an account has the eIM manage: registered by their EIDs, shown, taken away.
import { considerOrder } from './follow-orders.ts';
import type { EimContext } from './eim.ts';
import { profilesOf, verifiedEuicc } from './euicc-record.ts';
import { addInitialEimRequest, configurationDataOf, MAKE_ASSOCIATION_TOKEN } from './identity.ts';
import type { OperationKind, OperationParameters } from './operations/operation.ts';
import { addOperation, cancelOperation, MOST_WAITING, OF_ICCID } from './operations/operation.ts';
import { newestKeyNumber } from './server-keys.ts';
import { parseActivationCode } from '../rsp/activation-code.ts';
import { EimConfigurationData } from '../rsp/definitions/eim-configuration-data.ts';
import { AddInitialEimRequest } from '../rsp/definitions/iot-functions.ts';
import { DerError } from '../rsp/der-error.ts';
import { readDer } from '../rsp/der.ts';
import { parseIccid } from '../rsp/iccid.ts';
import { AlreadyExists } from '../store/errors.ts';
import type { EimOperationRow, EuiccRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { apiDateOf } from '../values/date.ts';
import { sidAt } from '../values/sid.ts';

/** What the caller has asked for cannot be done; the message says why. */
export class EuiccRefused extends Error {
  override name = 'EuiccRefused';
  readonly what: 'parameter' | 'conflict';

  constructor(what: EuiccRefused['what'], message: string) {
    super(message);
    this.what = what;
  }
}

export interface NewEuicc {
  /** Checked before. */
  eid: string;
  friendlyName: string | null;
  resultSignature: EuiccRow['result_signature'];
  unsignedResults: boolean;
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
    const made = newRow(accountSid, { ...given, eid }, await newestKeyNumber(unit.tables), unit);
    await insertEuicc(made, unit);
    // First, since what it signs can only be verified with its certificate.
    await addOperation(made, 'euiccData', {}, null, unit);
    const { result_signature, unsigned_results } = made;
    const after = { eid, result_signature, unsigned_results: unsigned_results === 1 };
    await unit.audit(accountSid, { subject: made.sid, after });
    return made;
  }).catch((error: unknown) => {
    if (!(error instanceof AlreadyExists)) throw error;
    throw new EuiccRefused('conflict', `An eUICC with EID ${eid} is registered already`);
  });
  await pushOrders(row, context);
  return row;
}

/** From now on the eIM follows the orders of the account. Throws `AlreadyExists`. */
export async function insertEuicc(row: EuiccRow, { tables, now }: Unit): Promise<void> {
  await tables.euiccs.insert(row);
  if ((await tables.eimOperations.mark(row.account_sid)) !== undefined) return;
  const since = new Date(now.getTime() - FOLLOWED_MS);
  await tables.eimOperations.setMark(row.account_sid, sidAt('event', since));
}

/** Those of before it was registered. */
export async function pushOrders(
  { account_sid, eid }: Pick<EuiccRow, 'account_sid' | 'eid'>,
  context: Pick<EimContext, 'eim' | 'log' | 'now' | 'store' | 'transact'>,
): Promise<void> {
  const { rows } = await context.store.esimProfilePages(
    { account_sid, eid, status: 'available' },
    { kind: 'first' },
    MOST_WAITING,
  );
  for (const { sid } of rows.toReversed()) await considerOrder(account_sid, sid, context);
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

export function newRow(
  accountSid: string,
  { eid, friendlyName, resultSignature, unsignedResults, certificates }: NewEuicc,
  key: number,
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
    date_seen: null,
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

/** With its operations. The eUICC itself still knows the eIM, until its device is told otherwise. */
export async function removeEuicc(
  { account_sid, sid, eid }: EuiccRow,
  { tables, audit }: Unit,
): Promise<void> {
  const locked = await tables.euiccs.lock(eid);
  // Removed meanwhile, and perhaps registered again by somebody else.
  if (locked?.sid !== sid) return;
  await tables.eimOperations.deleteAll(eid);
  await tables.euiccs.delete(eid);
  await audit(account_sid, { subject: sid, before: { eid } });
}

/** DER of AddInitialEimRequest, for the device's IPA: with it, the eUICC knows this eIM. */
export async function onboardingOf(
  { eim_key: key, counter }: Pick<EuiccRow, 'eim_key' | 'counter'>,
  { eim }: Pick<EimContext, 'eim'>,
): Promise<Uint8Array> {
  const identity = await eim.keys.identity(key);
  return addInitialEimRequest(
    configurationDataOf(identity, {
      counterValue: counter,
      associationToken: MAKE_ASSOCIATION_TOKEN,
    }),
  );
}

export interface Asked {
  kind: OperationKind;
  iccid?: string | undefined;
  rollback?: boolean | undefined;
  enable?: boolean | undefined;
  address?: string | undefined;
  activationCode?: string | undefined;
  configuration?: string | undefined;
  eimId?: string | undefined;
}

/** Throws `EuiccRefused`. */
export async function askOperation(
  found: EuiccRow,
  asked: Asked,
  { eim }: Pick<EimContext, 'eim'>,
  unit: Unit,
): Promise<EimOperationRow> {
  const { tables } = unit;
  const parameters = await parametersFor(asked, eim, unit);
  const euicc = await tables.euiccs.lock(found.eid);
  if (euicc?.sid !== found.sid) throw new EuiccRefused('conflict', 'The eUICC was removed');
  if (euicc.state === 'left') {
    throw new EuiccRefused('conflict', 'The eUICC no longer knows this eIM');
  }
  const underWay = await tables.eimOperations.underWay(found.eid);
  if (underWay.length >= MOST_WAITING) {
    const message = `${underWay.length} operations wait for the eUICC, and more are not taken`;
    throw new EuiccRefused('conflict', message);
  }
  const operation = await addOperation(euicc, asked.kind, parameters, null, unit);
  // No activation code: it has a matching ID. Of the data of another eIM, its eimId.
  const { activation_code: _code, configuration: _data, ...shown } = parameters;
  const after = { operation: asked.kind, euicc: euicc.sid, ...shown };
  await unit.audit(euicc.account_sid, { subject: operation.sid, after });
  return operation;
}

async function parametersFor(
  { kind, iccid, rollback, enable, address, activationCode, configuration, eimId }: Asked,
  eim: EimContext['eim'],
  { tables }: Unit,
): Promise<OperationParameters> {
  if (kind === 'download') return download(activationCode, { enable, rollback }, eim);
  if (OF_ICCID.includes(kind)) {
    const parsed = parseIccid(iccid ?? '');
    if (parsed === undefined) {
      throw new EuiccRefused('parameter', `${kind} needs Iccid, that of a profile on the eUICC`);
    }
    return { iccid: parsed, ...(kind === 'enable' && rollback === true ? { rollback } : {}) };
  }
  if (kind === 'setDefaultDpAddress') {
    if (address === undefined) throw new EuiccRefused('parameter', `${kind} needs Address`);
    return { address };
  }
  if (kind === 'addEim') return addEim(configuration);
  if (kind === 'deleteEim') {
    if (eimId === undefined) throw new EuiccRefused('parameter', `${kind} needs EimId`);
    return { eim_id: eimId };
  }
  if (kind === 'updateEim') return { key: await newestKeyNumber(tables) };
  return {};
}

/** EimConfigurationData, or AddInitialEimRequest with one, as the onboarding of another eIM is. */
function addEim(configuration: string | undefined): OperationParameters {
  const data = configuration === undefined ? undefined : configurationIn(configuration);
  if (data === undefined) {
    const message =
      'addEim needs Configuration: EimConfigurationData, or AddInitialEimRequest with one, DER in base64';
    throw new EuiccRefused('parameter', message);
  }
  return { configuration: EimConfigurationData.encode(data).toBase64(), eim_id: data.eimId };
}

function configurationIn(text: string): EimConfigurationData | undefined {
  try {
    const der = Uint8Array.fromBase64(text);
    if (!AddInitialEimRequest.tags.includes(readDer(der).tag))
      return EimConfigurationData.decode(der);
    const [data, ...others] = AddInitialEimRequest.decode(der).eimConfigurationDataList;
    return others.length === 0 ? data : undefined;
  } catch (error) {
    if (error instanceof DerError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function download(
  activationCode: string | undefined,
  { enable = false, rollback = false }: Pick<Asked, 'enable' | 'rollback'>,
  { es9plus }: EimContext['eim'],
): OperationParameters {
  const code = parseActivationCode(activationCode ?? '');
  if (code === undefined) {
    throw new EuiccRefused(
      'parameter',
      'download needs ActivationCode, such as LPA:1$smdp.example.com$MATCHING-ID',
    );
  }
  if (!es9plus.reaches(code.smdpAddress)) {
    const message = `The eIM reaches the built-in SM-DP+ only, not ${code.smdpAddress}`;
    throw new EuiccRefused('parameter', message);
  }
  if (code.confirmationCodeRequired) {
    throw new EuiccRefused('parameter', 'The eIM downloads no profile with a confirmation code');
  }
  return {
    activation_code: activationCode!.trim().replace(/^LPA:/i, ''),
    ...(enable ? { enable } : {}),
    ...(rollback ? { rollback } : {}),
  };
}

/** @returns false if it was sent, or has ended. The eUICC is locked. */
export async function cancelAsked(row: EimOperationRow, unit: Unit): Promise<boolean> {
  await unit.tables.euiccs.lock(row.eid);
  const current = await unit.tables.eimOperations.find(row.eid, row.sid);
  if (current === undefined) return false;
  const isCancelled = await cancelOperation(current, 'Cancelled through the API', unit);
  if (isCancelled) {
    await unit.audit(current.account_sid, {
      subject: current.sid,
      before: { operation: current.kind },
    });
  }
  return isCancelled;
}

/** As the API writes it. */
export function renderEuicc(row: EuiccRow, publicUrl: string): string {
  const url = `${publicUrl}/v1/Euiccs/${row.sid}`;
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
    capabilities: row.capabilities === null ? null : (JSON.parse(row.capabilities) as unknown),
    profiles: profilesOf(row),
    date_profiles: apiDateOf(row.date_profiles),
    date_seen: apiDateOf(row.date_seen),
    date_created: apiDateOf(row.date_created),
    date_updated: apiDateOf(row.date_updated),
    url,
    links: { operations: `${url}/Operations`, onboarding: `${url}/Onboarding` },
  });
}
