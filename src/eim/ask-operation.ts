// What an account asks an eUICC for: checked, queued, seen before it is sent, and taken back.
import { downloadParameters } from './ask-download.ts';
import { EuiccRefused } from './euicc-refused.ts';
import type { EimContext } from './eim.ts';
import { EimError } from './eim-error.ts';
import { euiccPackageOf, isOfEuicc } from './operations/contents.ts';
import { sealConfirmation } from './operations/download.ts';
import { giveUp, withLast } from './operations/give-up.ts';
import type {
  CallbackColumns,
  Command,
  CommandKind,
  OperationKind,
  OperationParameters,
} from './operations/operation.ts';
import {
  addOperation,
  ECO_KINDS,
  endOperation,
  MOST_WAITING,
  NO_RESULT,
  OF_ICCID,
  PSMO_KINDS,
} from './operations/operation.ts';
import { unsentNotation } from './package-notation.ts';
import { newestKeyNumber } from './server-keys.ts';
import type { Fields } from '../audit/entry.ts';
import { EimConfigurationData } from '../rsp/definitions/eim-configuration-data.ts';
import { AddInitialEimRequest } from '../rsp/definitions/iot-functions.ts';
import { DerError } from '../rsp/der-error.ts';
import { isOid } from '../rsp/der-values.ts';
import { readDer } from '../rsp/der.ts';
import { parseIccid } from '../rsp/iccid.ts';
import type { EimOperationRow, EuiccRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';

/** Results of more would not fit into what eUICCs and IPAs return. */
const MOST_COMMANDS = 16;
/** SGP.32 §2.11.1.1.2. */
const EIM_ID_BYTES = 128;
const ADDRESS_BYTES = 255;

export interface AskedCommand {
  kind: OperationKind;
  iccid?: string | undefined;
  rollback?: boolean | undefined;
  enable?: boolean | undefined;
  address?: string | undefined;
  immediateEnable?: boolean | undefined;
  smdpOid?: string | undefined;
  activationCode?: string | undefined;
  contactDefaultSmdp?: boolean | undefined;
  contactSmds?: boolean | undefined;
  smdsAddress?: string | undefined;
  /** Secret. */
  confirmationCode?: string | undefined;
  configuration?: string | undefined;
  eimId?: string | undefined;
}

export interface Asked extends AskedCommand {
  /** Of package. */
  commands?: readonly AskedCommand[] | undefined;
  callback?: CallbackColumns | undefined;
}

/** Throws `EuiccRefused`. */
export async function askOperation(
  found: EuiccRow,
  { callback, ...asked }: Asked,
  { eim, masterKey }: Pick<EimContext, 'eim' | 'masterKey'>,
  unit: Unit,
): Promise<EimOperationRow> {
  const { tables } = unit;
  const parameters = await checkedParameters(asked, found, eim, unit);
  const { confirmationCode } = asked;
  const euicc = await tables.euiccs.lock(found.eid);
  if (euicc?.sid !== found.sid) throw new EuiccRefused('conflict', 'The eUICC was removed');
  await checkTakesMore(euicc, tables);
  const order =
    parameters.iccid === undefined
      ? undefined
      : await tables.esimProfiles.findByIccid(euicc.account_sid, parameters.iccid);
  const operation = await addOperation(euicc, asked.kind, parameters, order?.sid ?? null, unit, {
    callback,
  });
  if (confirmationCode !== undefined) {
    const sealed = sealConfirmation(confirmationCode, operation, masterKey);
    await tables.eimOperations.update(operation, { confirmation_code: sealed });
  }
  const after = {
    operation: asked.kind,
    euicc: euicc.sid,
    ...auditedParameters(parameters),
    ...(confirmationCode === undefined ? {} : { confirmation_code: 'set' }),
  };
  await unit.audit(euicc.account_sid, { subject: operation.sid, after });
  return operation;
}

/** What would be sent, as `askOperation` would have it. Throws `EuiccRefused`. */
export async function previewOperation(
  euicc: EuiccRow,
  asked: Asked,
  { config, eim, store }: Pick<EimContext, 'config' | 'eim' | 'store'>,
): Promise<{ parameters: OperationParameters; package: string }> {
  const parameters = await checkedParameters(asked, euicc, eim, { tables: store });
  await checkTakesMore(euicc, store);
  const operation = { kind: asked.kind, parameters: JSON.stringify(parameters) };
  return { parameters, package: await unsentNotation(operation, euicc, { config, eim }) };
}

async function checkedParameters(
  asked: Asked,
  euicc: EuiccRow,
  eim: Pick<EimContext['eim'], 'es9plus' | 'keys'>,
  unit: Pick<Unit, 'tables'>,
): Promise<OperationParameters> {
  if (asked.confirmationCode !== undefined && asked.kind !== 'download') {
    throw new EuiccRefused('parameter', 'ConfirmationCode is only of download');
  }
  return parametersFor(asked, euicc, eim, unit);
}

/** Throws `EuiccRefused`. */
async function checkTakesMore(
  { eid, state }: EuiccRow,
  { eimOperations }: Pick<Unit['tables'], 'eimOperations'>,
): Promise<void> {
  if (state === 'left') throw new EuiccRefused('conflict', 'The eUICC no longer knows this eIM');
  const { length } = await eimOperations.underWay(eid);
  if (length < MOST_WAITING) return;
  const message = `${length} operations wait for the eUICC, and more are not taken`;
  throw new EuiccRefused('conflict', message);
}

/** No activation code: it has a matching ID. Of the data of another eIM, its eimId. */
function auditedParameters({
  activation_code: _code,
  configuration: _data,
  commands,
  ...shown
}: OperationParameters): Fields {
  if (commands === undefined) return shown;
  return { commands: commands.map((command) => auditedParameters(command)) };
}

/** Of operations, which each say what they need. */
export async function parametersFor(
  asked: Asked,
  euicc: Pick<EuiccRow, 'capabilities'>,
  eim: Pick<EimContext['eim'], 'es9plus' | 'keys'>,
  unit: Pick<Unit, 'tables'>,
): Promise<OperationParameters> {
  const { kind, commands } = asked;
  if (kind !== 'package') return parametersOfOne(asked, euicc, eim, unit);
  if (commands === undefined || commands.length === 0 || commands.length > MOST_COMMANDS) {
    const message = `package needs Commands: a list of 1 to ${MOST_COMMANDS} commands`;
    throw new EuiccRefused('parameter', message);
  }
  const given: Command[] = [];
  for (const command of commands) {
    if (!isCommand(command.kind)) {
      const known = [...PSMO_KINDS, ...ECO_KINDS].join(', ');
      throw new EuiccRefused('parameter', `Commands: expected a kind of ${known}`);
    }
    given.push({ ...(await parametersOfOne(command, euicc, eim, unit)), kind: command.kind });
  }
  const parameters = { commands: given };
  await euiccPackageOf({ kind, parameters: JSON.stringify(parameters) }, eim.keys).catch(
    (error: unknown) => {
      throw error instanceof EimError
        ? new EuiccRefused('parameter', `Commands: ${error.message}`)
        : error;
    },
  );
  return parameters;
}

const isCommand = (kind: string): kind is CommandKind =>
  [...PSMO_KINDS, ...ECO_KINDS].some((known) => known === kind);

async function parametersOfOne(
  asked: AskedCommand,
  euicc: Pick<EuiccRow, 'capabilities'>,
  { es9plus }: Pick<EimContext['eim'], 'es9plus'>,
  { tables }: Pick<Unit, 'tables'>,
): Promise<OperationParameters> {
  const { kind, iccid, rollback, address, configuration, eimId } = asked;
  if (kind === 'download') return downloadParameters(asked, euicc, es9plus);
  if (OF_ICCID.includes(kind)) {
    const parsed = parseIccid(iccid ?? '');
    if (parsed === undefined) {
      throw new EuiccRefused('parameter', `${kind} needs Iccid, that of a profile on the eUICC`);
    }
    return { iccid: parsed, ...(kind === 'enable' && rollback === true ? { rollback } : {}) };
  }
  if (kind === 'setDefaultDpAddress') {
    if (address === undefined) throw new EuiccRefused('parameter', `${kind} needs Address`);
    return { address: checkedAddress(address, { mayBeEmpty: true }) };
  }
  if (kind === 'configureImmediateEnable') return immediateEnable(asked);
  if (kind === 'addEim') return addEim(configuration);
  if (kind === 'deleteEim') {
    if (eimId === undefined || eimId === '') {
      throw new EuiccRefused('parameter', `${kind} needs EimId`);
    }
    if (Buffer.byteLength(eimId) > EIM_ID_BYTES) {
      throw new EuiccRefused('parameter', `EimId has at most ${EIM_ID_BYTES} bytes of UTF-8`);
    }
    return { eim_id: eimId };
  }
  if (kind === 'updateEim') return { key: await newestKeyNumber(tables) };
  return {};
}

function immediateEnable({ immediateEnable: isAllowed, smdpOid, address }: AskedCommand) {
  if (isAllowed === undefined) {
    throw new EuiccRefused('parameter', 'configureImmediateEnable needs ImmediateEnable');
  }
  if (smdpOid !== undefined && !isOid(smdpOid)) {
    throw new EuiccRefused('parameter', 'SmdpOid must be an object identifier, such as 1.3.6.1');
  }
  return {
    immediate_enable: isAllowed,
    ...(smdpOid === undefined ? {} : { smdp_oid: smdpOid }),
    ...(address === undefined ? {} : { address: checkedAddress(address) }),
  };
}

/** A host, with or without a port: in ASCII, so that its bytes are its characters. */
function checkedAddress(address: string, { mayBeEmpty = false } = {}): string {
  if (mayBeEmpty && address === '') return address;
  if (/^[\w.-]+(:\d{1,5})?$/.test(address) && address.length <= ADDRESS_BYTES) return address;
  const message = `Address must be a host, with or without :PORT, of at most ${ADDRESS_BYTES} bytes`;
  throw new EuiccRefused('parameter', message);
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

/**
 * Ends one that was not sent, or whose last attempt has failed, as the IPA says. The eUICC is locked.
 * @param isGivenUp whether one that was sent ends, too, as after the polls that bring no result
 * @returns how it is, if it has not ended by this
 */
export async function cancelAsked(
  row: EimOperationRow,
  { isGivenUp }: { isGivenUp: boolean },
  unit: Unit,
): Promise<EimOperationRow | undefined> {
  const { tables, audit } = unit;
  await tables.euiccs.lock(row.eid);
  const current = await tables.eimOperations.find(row.eid, row.sid);
  if (current === undefined || current.date_ended !== null) return current ?? row;
  const before = { operation: current.kind };
  if (isGivenUp && current.date_sent !== null) {
    const why = withLast('It was given up before a result had come', current);
    await giveUp(current, why, unit);
    await audit(current.account_sid, {
      subject: current.sid,
      before,
      after: { error_code: NO_RESULT },
    });
    return undefined;
  }
  if (!isCancellable(current)) return current;
  const ending = {
    status: 'cancelled',
    errorCode: 'cancelled',
    errorMessage: 'Cancelled through the API',
  } as const;
  await endOperation(current, ending, { isDead: true }, unit);
  await audit(current.account_sid, { subject: current.sid, before });
  return undefined;
}

const isCancellable = (row: EimOperationRow) =>
  row.status === 'queued' || (row.status === 'sent' && row.failures > 0 && !isOfEuicc(row));

/** @param giveUpName what gives up one that was sent */
export const whyNotCancelled = ({ status }: EimOperationRow, giveUpName: string): string =>
  status === 'sent'
    ? `The operation is sent, so the eUICC may be carrying it out; ${giveUpName} ends it all the same, without its result`
    : `The operation is ${status}; only one that has not ended can be cancelled`;
