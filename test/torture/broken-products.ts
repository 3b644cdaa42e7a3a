// Products with a fault that only bad luck shows.
import { OPERATIONS } from '../../src/api/operations.ts';
import type { Operation } from '../../src/api/operation.ts';
import type { Context } from '../../src/context.ts';
import type { CallbackRow } from '../../src/store/schema.ts';
import type { Transact, Unit } from '../../src/unit.ts';
import type { Journey } from '../../torture/journey.ts';
import { callback } from '../../torture/journeys/callback.ts';
import { failure } from '../../torture/journeys/failure.ts';
import { order } from '../../torture/journeys/order.ts';
import { retention } from '../../torture/journeys/retention.ts';
import { rivals } from '../../torture/journeys/rivals.ts';
import type { Product } from '../../torture/simulation/server.ts';

interface Broken {
  product: Product;
  /** Those that use what is broken, so that fewer seeds are needed. */
  journeys: Journey[];
  /** The first seed: from there it is found soon, as long as seeds keep their meaning. */
  from: number;
  /** Among what is violated. */
  shows: RegExp;
}

/** The operation that orders, with another context. */
function orderingWith(change: (context: Context) => Partial<Context>): Operation[] {
  return OPERATIONS.map((operation) =>
    operation.operationId === 'CreateEsimProfile'
      ? {
          ...operation,
          handle: (request, context) =>
            operation.handle(request, { ...context, ...change(context) }),
        }
      : operation,
  );
}

/** A server that writes by other tables. */
function writingWith(change: (unit: Unit) => Partial<Unit['tables']>): Product {
  return {
    onAssembly({ context }) {
      const changing =
        (transact: Transact): Transact =>
        (work) =>
          transact((unit) => work({ ...unit, tables: replacing(unit.tables, change(unit)) }));
      Object.assign(context, {
        transact: changing(context.transact),
        share: changing(context.share),
      });
    },
  };
}

/** A product that keeps its RSP log for so many days; a session is kept at least as long. */
function keepingLogs(days: number, product: Product): Product {
  return {
    ...product,
    onAssembly(assembly) {
      assembly.context.config = { ...assembly.context.config, logRetentionDays: days };
      product.onAssembly?.(assembly);
    },
  };
}

/** An object with some of its methods replaced. */
function replacing<T extends object>(object: T, changes: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function settleDelivered(row: CallbackRow, now: string, { tables }: Unit): Promise<void> {
  const attempt = {
    account_sid: row.account_sid,
    callback_sid: row.sid,
    attempt: row.attempts + 1,
    date_started: now,
    duration_ms: 0,
    status_code: 204,
    error: null,
    response: null,
  };
  const attempts = row.attempts + 1;
  return tables.callbacks.settle(row, attempt, {
    ...row,
    attempts,
    state: 'delivered',
    date_settled: now,
  });
}

export const BROKEN: Record<string, Broken> = {
  'an order is answered with 201 before it is on disk': {
    product: {
      operations: orderingWith(({ transact }) => ({
        transact: (work) =>
          new Promise((resolve, reject) => {
            transact(async (unit) => {
              const result = await work(unit);
              resolve(result);
              return result;
            }).catch(reject);
          }),
      })),
    },
    journeys: [order],
    from: 38,
    shows: /acknowledged: HP\w+: a client was told of this order, but it is not there/,
  },
  'an Idempotency-Key is stored after its order, in a transaction of its own': {
    product: {
      operations: orderingWith(({ transact }) => ({
        transact: async (work) => {
          type Key = Parameters<Unit['tables']['idempotencyKeys']['insert']>[0];
          let key: Key | undefined;
          const result = await transact((unit) => {
            const idempotencyKeys = replacing(unit.tables.idempotencyKeys, {
              insert: async (row: Key) => void (key = row),
            });
            return work({ ...unit, tables: replacing(unit.tables, { idempotencyKeys }) });
          });
          await transact(({ tables }) => tables.idempotencyKeys.insert(key!));
          return result;
        },
      })),
    },
    journeys: [order],
    from: 6,
    shows:
      /one Idempotency-Key is one order|so it was ordered twice|journey order of client \d: AssertionError/,
  },
  'a callback counts as delivered before it is sent': {
    product: writingWith((unit) => {
      const { callbacks } = unit.tables;
      return {
        callbacks: replacing(callbacks, {
          async claim(...given: Parameters<typeof callbacks.claim>) {
            const rows = await callbacks.claim(...given);
            for (const row of rows) await settleDelivered(row, given[2], unit);
            return rows;
          },
          settle: async () => {},
        }),
      };
    }),
    journeys: [callback],
    from: 4,
    shows: /callbacks about HP\w+: not within 5 minutes/,
  },
  'a profile goes to whoever is the last to bind it': {
    product: writingWith(({ tables: { subscriptions } }) => ({
      subscriptions: replacing(subscriptions, {
        async transition(read, row) {
          const found = await subscriptions.find(read.account_sid, read.iccid);
          await subscriptions.transition(found!, row);
        },
      }),
    })),
    journeys: [rivals],
    from: 10,
    shows: /journey rivals|packages: /,
  },
  'a callback is not owed for an order that fails': {
    product: writingWith(({ tables: { callbacks } }) => ({
      callbacks: replacing(callbacks, {
        async insert(row) {
          if (!row.parameters.includes('["Status","failed"]')) await callbacks.insert(row);
        },
      }),
    })),
    journeys: [failure],
    from: 1,
    shows: /callbacks about HP\w+: not within 5 minutes/,
  },
  'a session is forgotten although its result is still awaited': {
    product: keepingLogs(
      7,
      writingWith(({ tables: { rspSessions } }) => ({
        rspSessions: replacing(rspSessions, {
          async due(date, limit) {
            const sessions = await rspSessions.due(date, limit);
            return sessions.map((session) => ({ ...session, profile: undefined }));
          },
        }),
      })),
    ),
    journeys: [retention],
    from: 1,
    shows: /HP\w+: installed: not within 5 minutes/,
  },
};
