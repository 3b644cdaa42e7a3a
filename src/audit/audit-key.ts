// The key of the audit log, which is derived from the master key.
import { createHmac, hash } from 'node:crypto';
import type { MasterKey } from '../process/keys.ts';

const SIZE = 32;

export class AuditKey {
  readonly id: string;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
    this.id = hash('sha256', Buffer.concat([Buffer.from('audit key id'), key]), 'hex').slice(0, 16);
  }

  /** @param id of a master key before this one, which the database still has */
  static of(masterKey: Pick<MasterKey, 'derive'>, id?: string): AuditKey {
    return new AuditKey(masterKey.derive('audit log', SIZE, id));
  }

  mac(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }
}

/** @returns the key of the master key that is current when it is asked for */
export function currentAuditKey(masterKey: Pick<MasterKey, 'derive' | 'id'>): () => AuditKey {
  let of: string | undefined;
  let key: AuditKey;
  return () => {
    if (of !== masterKey.id) key = AuditKey.of(masterKey);
    of = masterKey.id;
    return key;
  };
}

/** By their ids: the key of this master key, and those of the ones before it. */
export type AuditKeys = ReadonlyMap<string, AuditKey>;

export function auditKeysOf(masterKey: Pick<MasterKey, 'derive' | 'ids'>): AuditKeys {
  const keys = masterKey.ids.map((id) => AuditKey.of(masterKey, id));
  return new Map(keys.map((key) => [key.id, key]));
}
