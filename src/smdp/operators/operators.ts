// Operators that order over ES2+: registered, changed, given new certificates, revoked.
import { hash } from 'node:crypto';
import { difference } from '../../audit/entry.ts';
import type { Fields } from '../../audit/entry.ts';
import type { X509Certificate } from 'node:crypto';
import type { Context } from '../../context.ts';
import type { OperatorRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import type { MadeCertificate } from './operator-ca.ts';
import { makeOperatorCertificate } from './operator-ca.ts';
import { isListed } from './operator-crl.ts';
import { OperatorError } from './operator-error.ts';
import { fingerprintOf, subjectOf, toBase64 } from './operator-file.ts';
import { issuersOf, readRegister } from './operator-trust.ts';

type Keeper = Pick<Context, 'masterKey' | 'transact'>;

export interface NewOperator {
  accountSid: string;
  friendlyName: string;
  /** The only functionRequesterIdentifier that it may use; null: any. */
  requesterIdentifier: string | null;
  progressUrl: string | null;
  /** PEM */
  progressCa: string | null;
}

export interface CreatedOperator {
  operator: OperatorRow;
  /** Undefined if it brought its own certificate. */
  made: MadeCertificate | undefined;
}

/** @param certificate its own; without one, one is made. Throws `OperatorError`. */
export async function createOperator(
  given: NewOperator,
  certificate: X509Certificate | undefined,
  { masterKey, transact }: Keeper,
): Promise<CreatedOperator> {
  return transact(async (unit) => {
    const { tables, sids, now } = unit;
    const operator: OperatorRow = {
      sid: sids.next('operator', now),
      account_sid: given.accountSid,
      friendly_name: given.friendlyName,
      requester_identifier: given.requesterIdentifier,
      progress_url: given.progressUrl,
      progress_ca: given.progressCa,
      date_created: apiDate(now),
      date_updated: apiDate(now),
      date_revoked: null,
    };
    await tables.operators.insert(operator);
    const made = await addCertificate(operator, certificate, masterKey, unit);
    await unit.audit(operator.account_sid, { subject: operator.sid, after: audited(operator) });
    return { operator, made };
  });
}

/**
 * Gives an operator a new certificate. The others end after `overlapHours`. Throws `OperatorError`.
 * @param certificate its own; without one, one is made
 */
export async function rotateCertificate(
  sid: string,
  certificate: X509Certificate | undefined,
  overlapHours: number,
  { masterKey, transact }: Keeper,
): Promise<CreatedOperator> {
  return transact(async (unit) => {
    const { tables, now } = unit;
    const operator = await getOperator(sid, unit);
    const before = await certificatesOf(sid, unit);
    const made = await addCertificate(operator, certificate, masterKey, unit);
    const ends = apiDate(new Date(now.getTime() + overlapHours * 60 * 60 * 1_000));
    for (const { fingerprint } of before) await tables.operators.endCertificate(fingerprint, ends);
    await unit.audit(operator.account_sid, {
      subject: sid,
      before: { certificates: before.map(({ fingerprint }) => fingerprint) },
      after: { certificate: 'another', before_until: ends },
    });
    return { operator, made };
  });
}

/** Revokes an operator, or one of its certificates. Throws `OperatorError`. */
export async function revokeOperator(
  sid: string,
  fingerprint: string | undefined,
  { transact }: Pick<Keeper, 'transact'>,
): Promise<void> {
  return transact(async (unit) => {
    const { tables, now } = unit;
    const date = apiDate(now);
    const operator = await getOperator(sid, unit);
    if (fingerprint === undefined) {
      await unit.audit(operator.account_sid, { subject: sid, before: audited(operator) });
      return tables.operators.update(sid, { date_revoked: date, date_updated: date });
    }
    const found = (await certificatesOf(sid, unit)).filter((row) =>
      row.fingerprint.startsWith(fingerprint),
    );
    const [one, another] = found;
    if (one === undefined || another !== undefined) {
      throw new OperatorError(
        `${one === undefined ? 'No certificate' : 'More than one certificate'} of ${sid} has a fingerprint that begins with ${fingerprint}`,
      );
    }
    const before = { certificate: one.fingerprint };
    await unit.audit(operator.account_sid, { subject: sid, before });
    return tables.operators.endCertificate(one.fingerprint, date);
  });
}

/** Throws `OperatorError`. */
export async function updateOperator(
  sid: string,
  changed: Partial<
    Pick<OperatorRow, 'friendly_name' | 'requester_identifier' | 'progress_url' | 'progress_ca'>
  >,
  { transact }: Pick<Keeper, 'transact'>,
): Promise<void> {
  return transact(async (unit) => {
    const operator = await getOperator(sid, unit);
    const change = difference(audited(operator), audited({ ...operator, ...changed }));
    await unit.audit(operator.account_sid, { subject: sid, ...change });
    return unit.tables.operators.update(sid, { ...changed, date_updated: apiDate(unit.now) });
  });
}

const audited = ({ progress_ca: ca, ...operator }: OperatorRow): Fields => ({
  friendly_name: operator.friendly_name,
  requester_identifier: operator.requester_identifier,
  progress_url: operator.progress_url,
  progress_ca: ca === null ? null : `SHA-256 ${hash('sha256', ca, 'hex')}`,
});

/** Throws `OperatorError` if there is none, or it was revoked. */
async function getOperator(sid: string, { tables }: Unit): Promise<OperatorRow> {
  const operator = await tables.operators.find(sid);
  if (operator === undefined) throw new OperatorError(`There is no operator ${sid}`);
  if (operator.date_revoked === null) return operator;
  throw new OperatorError(`The operator ${sid} was revoked at ${operator.date_revoked}`);
}

async function certificatesOf(sid: string, { tables }: Unit) {
  const rows = await tables.operators.listCertificates();
  return rows.filter(({ operator_sid: owner }) => owner === sid);
}

async function addCertificate(
  operator: OperatorRow,
  given: X509Certificate | undefined,
  masterKey: Context['masterKey'],
  unit: Unit,
): Promise<MadeCertificate | undefined> {
  const { tables, now } = unit;
  const made =
    given === undefined
      ? await makeOperatorCertificate(operator.friendly_name, { masterKey }, unit)
      : undefined;
  const certificate = given ?? made!.certificate;
  if (given !== undefined) await checkGiven(given, unit);
  const isNew = await tables.operators.insertCertificate({
    fingerprint: fingerprintOf(certificate),
    operator_sid: operator.sid,
    certificate: toBase64(certificate),
    date_created: apiDate(now),
    date_ends: null,
  });
  if (isNew) return made;
  throw new OperatorError(`The certificate ${subjectOf(certificate)} is registered already`);
}

/** So that it does not come as a surprise at the first call. */
async function checkGiven(certificate: X509Certificate, { tables, now }: Unit): Promise<void> {
  const title = subjectOf(certificate);
  if (now > certificate.validToDate) {
    throw new OperatorError(`The certificate ${title} has expired: ${certificate.validTo}`);
  }
  const { cas } = await readRegister({ store: tables });
  const issuers = issuersOf(certificate, cas);
  if (issuers.some(({ crl }) => crl !== undefined && isListed(crl, certificate))) {
    throw new OperatorError(`The certificate ${title} was revoked by its CA`);
  }
  if (issuers.length > 0) return;
  const issuer = certificate.issuer.replaceAll('\n', ', ');
  throw new OperatorError(
    `The CA of the certificate ${title} is not trusted: ${issuer}. ` +
      'Import it first: simwright operator ca import FILE',
  );
}
