// What an API key may do. Every key may read all of its account, except what signs callbacks.
import type { ApiKeyRow } from '../../store/schema.ts';

export const SCOPES = ['full', 'orders', 'stock', 'read'] as const;

export type Scope = (typeof SCOPES)[number];

/** Another word for `full`. */
export const ADMIN = 'admin';

export const scopeNamed = (name: Scope | typeof ADMIN): Scope => (name === ADMIN ? 'full' : name);

/** Who may do something: those with this scope, and those with `full`. */
export type Need = Scope;

export const SCOPE_TEXTS: Record<Scope, string> = {
  full: 'it may do everything',
  orders:
    'it may read, and change orders and what belongs to them: batches, Sims, install links, callbacks, IoT devices',
  stock: 'it may read, import stock and set its thresholds',
  read: 'it may only read',
};

export const mayDo = (scope: Scope, need: Need): boolean =>
  scope === 'full' || need === 'read' || scope === need;

/** Why a caller with this scope is refused. */
export const refusal = (scope: Scope, need: Need): string =>
  scope === 'read'
    ? 'This API key may only read.'
    : `This API key has the scope ${scope}; expected ${need === 'full' ? 'full' : `${need} or full`}.`;

/**
 * How a scope is stored. Nodes of versions that know no roles take a key with one for a key that may only read.
 */
export const storedScope = (scope: Scope): Pick<ApiKeyRow, 'scope' | 'role'> =>
  scope === 'full' || scope === 'read' ? { scope, role: null } : { scope: 'read', role: scope };

export const scopeOf = ({ scope, role }: Pick<ApiKeyRow, 'scope' | 'role'>): Scope => role ?? scope;
