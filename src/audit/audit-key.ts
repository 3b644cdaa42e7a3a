// The key of the audit log, which is derived from the master key.
import { createHmac, hash } from 'node:crypto';
import type { MasterKey } from '../process/keys.ts';
import type { AuditKeyRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';

const SIZE = 32;
const place = (id: string) => `audit_keys.sealed_key ${id}`;

export class AuditKey {
  readonly id: string;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
    this.id = hash('sha256', Buffer.concat([Buffer.from('audit key id'), key]), 'hex').slice(0, 16);
  }

  static of(masterKey: Pick<MasterKey, 'derive'>): AuditKey {
    return new AuditKey(masterKey.derive('audit log', SIZE));
  }

  mac(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }

  /** Sealed with a master key, so that what was made with it can still be verified under that one. */
  sealedWith(masterKey: Pick<MasterKey, 'seal'>, now: Date): AuditKeyRow {
    const hex = Buffer.from(this.#key).toString('hex');
    const { id } = this;
    return { id, sealed_key: masterKey.seal(hex, place(id)), date_created: now.toISOString() };
  }

  static open(row: AuditKeyRow, masterKey: Pick<MasterKey, 'open'>): AuditKey {
    return new AuditKey(Buffer.from(masterKey.open(row.sealed_key, place(row.id)), 'hex'));
  }
}

/** By their ids: the key of this master key, and those of the ones before it. */
export type AuditKeys = ReadonlyMap<string, AuditKey>;

/** Throws `SealError`. */
export function auditKeysOf(rows: readonly AuditKeyRow[], masterKey: MasterKey): AuditKeys {
  const keys = [AuditKey.of(masterKey), ...rows.map((row) => AuditKey.open(row, masterKey))];
  return new Map(keys.map((key) => [key.id, key]));
}

/** Part of a rotation of the master key: what was entered under the old one stays verifiable under the new one. */
export async function keepAuditKeys(
  older: MasterKey,
  newer: MasterKey,
  { tables: { auditLog }, now }: Pick<Unit, 'tables' | 'now'>,
): Promise<void> {
  for (const key of auditKeysOf(await auditLog.keys(), older).values()) {
    await auditLog.addKey(key.sealedWith(newer, now));
  }
}
