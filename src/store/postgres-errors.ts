// What PostgreSQL and the way to it report, and what that means to whoever runs the server.
import { AlreadyExists, StoreDamaged, StoreUnavailable } from './errors.ts';

const UNIQUE_VIOLATION = '23505';
/**
 * Classes 08 connection, 53 resources, 57 operator intervention, 58 system; lock and idle limits; 25006: a standby,
 * which only reads. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE = /^(08|53|57|58)|^(25P03|25006|55P03)$/;
/** Of the socket, and of the look-up of a name. */
const UNREACHABLE =
  /^E(AI_AGAIN|CONNABORTED|CONNREFUSED|CONNRESET|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE|TIMEDOUT)$/;
/** What the driver, and the query builder above it, say without a code. */
const CUT_OFF =
  /Connection terminated|Connection ended|not queryable|connection has been discarded/;
const TIMED_OUT = /timeout exceeded|Query read timeout/;
/** Class 28 user or password, 3D000 no such database. */
const REFUSED = /^(28...|3D000)$/;
/** Data or an index that is damaged. */
const DAMAGED = /^XX00[12]$/;

export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** @returns an error of `errors.ts`, or the same error */
export function translate(error: unknown): unknown {
  if (error instanceof StoreUnavailable) return error;
  const { message } = error as Error;
  const code = errorCode(error) ?? '';
  if (code === UNIQUE_VIOLATION) {
    return new AlreadyExists('A row with this key exists', { cause: error });
  }
  if (REFUSED.test(code)) {
    return new StoreUnavailable(`PostgreSQL refuses: ${message}; check SIMWRIGHT_DATABASE_URL`, {
      brief: 'PostgreSQL refuses the user, the password or the name of the database',
      cause: error,
    });
  }
  if (DAMAGED.test(code)) {
    const text = `PostgreSQL's data are damaged: ${message}; restore a backup`;
    return new StoreDamaged(text, { cause: error });
  }
  if (UNAVAILABLE.test(code)) {
    return new StoreUnavailable(`PostgreSQL cannot answer: ${message}`, { cause: error });
  }
  if (!(error instanceof Error)) return error;
  if (CUT_OFF.test(message)) return outOfReach(error, 'the connection was cut off');
  return TIMED_OUT.test(message) || UNREACHABLE.test(code) ? outOfReach(error) : error;
}

/** Whatever keeps us from connecting: nobody can answer then. */
export function cannotConnect(error: unknown): unknown {
  const translated = translate(error);
  return translated === error ? outOfReach(error) : translated;
}

function outOfReach(
  error: unknown,
  // An error of several addresses at once has a code and no message.
  reason = (error as Error).message || errorCode(error),
): StoreUnavailable {
  return new StoreUnavailable(
    `PostgreSQL cannot answer: ${reason}; check that it runs, and that SIMWRIGHT_DATABASE_URL leads to it`,
    { brief: 'PostgreSQL is out of reach', cause: error },
  );
}
