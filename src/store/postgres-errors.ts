// Translates errors of PostgreSQL and of its connection for the operator.
import { AlreadyExists, StoreDamaged, StoreUnavailable } from './errors.ts';

const UNIQUE_VIOLATION = '23505';
const FEATURE_NOT_SUPPORTED = '0A000';
/**
 * Classes 08 connection, 53 resources, 57 operator intervention, 58 system; limits of idle time, of transactions and of locks;
 * 25006: a read-only standby. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE = /^(08|53|57|58)|^(25P03|25P04|25006|55P03)$/;
/** Those after which the connection is closed, or leads to a server that only lets read. */
const ENDING = /^(08|57P0)|^(25P03|25P04|25006)$/;
/** Errors of the socket and of name resolution. */
const UNREACHABLE =
  /^E(AI_AGAIN|CONNABORTED|CONNREFUSED|CONNRESET|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE|TIMEDOUT)$/;
/** Messages of the driver and the query builder that come without a code. */
const CUT_OFF =
  /Connection terminated|Connection ended|not queryable|connection has been discarded/;
const TOO_SLOW = /Query read timeout/;
const TIMED_OUT = /timeout exceeded/;
/** Class 28: user or password; 3D000: no such database. */
const REFUSED = /^(28...|3D000)$/;
/** Damaged data or index. */
const DAMAGED = /^XX00[12]$/;

export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Another node has added a column to a table that a prepared statement reads whole: it must be prepared again. */
export function isStalePlan(error: unknown): boolean {
  return errorCode(error) === FEATURE_NOT_SUPPORTED && /cached plan/.test((error as Error).message);
}

/** Whether nothing more can be asked after this error of the server. */
export const endsConnection = (error: unknown) => ENDING.test(errorCode(error) ?? '');

/** Whether the driver has given up waiting for an answer. */
export const isTooSlow = (error: unknown) => TOO_SLOW.test((error as Error).message);

/** @returns an error of `errors.ts`, or the same error */
export function translate(error: unknown): unknown {
  if (error instanceof StoreUnavailable) return error;
  const { message } = error as Error;
  const code = errorCode(error) ?? '';
  if (code === UNIQUE_VIOLATION) {
    return new AlreadyExists('A row with this key exists', { cause: error });
  }
  if (REFUSED.test(code)) {
    return new StoreUnavailable(
      `PostgreSQL refused the connection: ${message}; check SIMWRIGHT_DATABASE_URL`,
      {
        brief: 'PostgreSQL rejected the user, the password or the database name',
        cause: error,
      },
    );
  }
  if (DAMAGED.test(code)) {
    const text = `PostgreSQL's data is damaged: ${message}; restore a backup`;
    return new StoreDamaged(text, { cause: error });
  }
  if (UNAVAILABLE.test(code)) {
    return new StoreUnavailable(`PostgreSQL cannot answer: ${message}`, { cause: error });
  }
  if (!(error instanceof Error)) return error;
  if (CUT_OFF.test(message)) return outOfReach(error, 'the connection was cut off');
  const isOutOfReach = TIMED_OUT.test(message) || isTooSlow(error) || UNREACHABLE.test(code);
  return isOutOfReach ? outOfReach(error) : error;
}

/** Any error that prevents a connection means that the database is unavailable. */
export function cannotConnect(error: unknown): unknown {
  const translated = translate(error);
  const isKnown = translated !== error || error instanceof StoreUnavailable;
  return isKnown ? translated : outOfReach(error);
}

function outOfReach(
  error: unknown,
  // An error for several addresses has a code but no message.
  reason = (error as Error).message || errorCode(error),
): StoreUnavailable {
  return new StoreUnavailable(
    `PostgreSQL cannot answer: ${reason}; check that it is running and that SIMWRIGHT_DATABASE_URL is right`,
    { brief: 'PostgreSQL cannot be reached', cause: error },
  );
}
