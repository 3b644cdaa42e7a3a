// Fetches one CRL, takes it if it is good, and says when it is fetched next.
import type { Context } from '../../context.ts';
import { fetchDocument, FetchFailed } from '../../outgoing/fetch-document.ts';
import type { FetchOptions } from '../../outgoing/fetch-document.ts';
import { Lookups } from '../../outgoing/lookups.ts';
import { pauseWithin } from '../../outgoing/schedule.ts';
import { Slots } from '../../outgoing/slots.ts';
import { isPublicAddress } from '../../outgoing/special-addresses.ts';
import type { Crl } from '../../rsp/crl.ts';
import type { CrlPointKey } from '../../store/crl-points.ts';
import type { CrlPointRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { OperatorError } from '../operators/operator-error.ts';
import { takeOperatorCrl } from '../operators/take-operator-crl.ts';
import { PkiError } from '../pki/pki-certificate.ts';
import { auditCrl } from './import-crls.ts';
import { crlsIn } from './crl-der.ts';
import { MOST_CRL_BYTES, takeCrl } from '../pki/take-crl.ts';
import type { TakenCrl } from '../pki/take-crl.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const TIMEOUTS = { connectMs: 10_000, silenceMs: 15_000, totalMs: 2 * MINUTE };
/** Longer than any fetch: after this its node is dead, and another may try. */
const LOCK_MS = 3 * MINUTE;

/** A CA publishes a revocation as soon as it knows of one, long before the CRL before ends. */
const MOST_PAUSE_MS = 24 * HOUR;
const LEAST_PAUSE_MS = 5 * MINUTE;
/** For one that is out of date already, although it is the newest. */
const OUTDATED_PAUSE_MS = HOUR;
const MOST_FAILED_PAUSE_MS = 4 * HOUR;
const JITTER = 0.2;

export type CrlFetchOutcome = 'new' | 'unchanged' | 'failed' | 'refused';

export interface FetchedCrl {
  outcome: CrlFetchOutcome;
  /** Why it failed, or was refused. */
  error?: string;
  /** Undefined: the server said that it is the one that is here, or it failed. */
  crl?: Crl;
}

/** Names are resolved for few at once. */
export const crlLookups = (): Lookups => new Lookups(new Slots({ total: 2, perReceiver: 1 }));

/** @returns undefined if somebody else is fetching it */
export function claimPoint(
  point: CrlPointKey,
  { transact }: Pick<Context, 'transact'>,
): Promise<CrlPointRow | undefined> {
  return transact(({ tables, now }) => {
    const lockedUntil = new Date(now.getTime() + LOCK_MS).toISOString();
    return tables.crlPoints.claim(point, now.toISOString(), lockedUntil);
  });
}

type FetchContext = Pick<Context, 'config' | 'store' | 'transact'>;

/**
 * Never throws, unless the database is away.
 * @param point claimed
 */
export async function fetchCrl(
  point: CrlPointRow,
  lookups: Lookups,
  signal: AbortSignal | undefined,
  context: FetchContext,
): Promise<FetchedCrl> {
  try {
    const known = (await isThere(point, context.store)) ? point : undefined;
    const { content, etag, lastModified } = await fetchDocument(
      point.url,
      optionsOf(point, known, lookups, signal, context.config),
    );
    return await context.transact(async (unit) => {
      // RFC 5280 §4.2.1.13 has DER; some servers have PEM.
      const taken =
        content === undefined ? undefined : await take(crlsIn(content)[0]!, point, unit);
      if (taken?.isNew === true) await auditCrl(taken.crl, unit);
      const next =
        taken === undefined ? point.next_update : (taken.crl.nextUpdate?.toISOString() ?? null);
      await unit.tables.crlPoints.settle(point, {
        ...(taken === undefined
          ? {}
          : { etag: etag ?? null, last_modified: lastModified ?? null, next_update: next }),
        failures: 0,
        error: null,
        date_failed: null,
        date_fetched: unit.now.toISOString(),
        next_fetch_at: after(unit.now, pauseAfter(next, unit.now)),
      });
      return {
        outcome: taken?.isNew === true ? ('new' as const) : ('unchanged' as const),
        ...(taken === undefined ? {} : { crl: taken.crl }),
      };
    });
  } catch (error) {
    const isRefused = error instanceof PkiError || error instanceof OperatorError;
    if (!isRefused && !(error instanceof FetchFailed)) throw error;
    // Not its failure: the server ends.
    if (signal?.aborted === true) {
      await context.transact(({ tables }) => tables.crlPoints.settle(point, {}));
      return { outcome: 'failed', error: error.message };
    }
    const message = storable(error.message);
    await context.transact(({ tables, now }) =>
      tables.crlPoints.settle(point, {
        failures: point.failures + 1,
        error: message,
        date_failed: now.toISOString(),
        // What was refused is not to be kept by what the server says of it.
        etag: null,
        last_modified: null,
        next_fetch_at: after(now, pauseWithin(MOST_FAILED_PAUSE_MS, point.failures + 1)!),
      }),
    );
    return { outcome: isRefused ? 'refused' : 'failed', error: message };
  }
}

const MOST_ERROR = 500;

/** PostgreSQL cannot store NUL characters in text. */
const storable = (text: string) => text.slice(0, MOST_ERROR).replaceAll('\0', '\uFFFD');

function optionsOf(
  { issuer }: CrlPointRow,
  known: Pick<CrlPointRow, 'etag' | 'last_modified'> | undefined,
  lookups: Lookups,
  signal: AbortSignal | undefined,
  { callbackPrivateNetworks }: Context['config'],
): FetchOptions {
  return {
    mostBytes: MOST_CRL_BYTES,
    guard: callbackPrivateNetworks ? undefined : isPublicAddress,
    timeouts: TIMEOUTS,
    resolve: (ended) => (hostname, options, done) =>
      lookups.resolve(issuer, hostname, options, ended, done),
    validators: {
      etag: known?.etag ?? undefined,
      lastModified: known?.last_modified ?? undefined,
    },
    signal,
  };
}

async function take(
  der: Uint8Array,
  { issuer, kind }: CrlPointRow,
  unit: Unit,
): Promise<TakenCrl<Crl>> {
  if (kind === 'ci') return takeCrl(der, issuer, unit);
  const cas = await unit.tables.operators.listCas();
  const ca = cas.filter(({ fingerprint }) => fingerprint === issuer);
  return takeOperatorCrl(der, ca, unit);
}

/** Whether there is one of this CA, which the server may say is still the newest. */
async function isThere(
  { issuer, kind }: CrlPointRow,
  { pki, operators }: Pick<Transaction, 'pki' | 'operators'>,
): Promise<boolean> {
  if (kind === 'ci') return (await pki.crlIssuers()).includes(issuer);
  const cas = await operators.listCas();
  return cas.some(({ fingerprint, crl }) => fingerprint === issuer && crl !== null);
}

/** Long before the next one is due, and not all at once. */
export function pauseAfter(
  nextUpdate: string | null,
  now: Date,
  random: () => number = Math.random,
): number {
  const left = nextUpdate === null ? Infinity : Date.parse(nextUpdate) - now.getTime();
  const pause =
    left <= 0 ? OUTDATED_PAUSE_MS : Math.min(Math.max(left / 2, LEAST_PAUSE_MS), MOST_PAUSE_MS);
  return pause * (1 - JITTER * random());
}

const after = (now: Date, ms: number) => new Date(now.getTime() + ms).toISOString();
