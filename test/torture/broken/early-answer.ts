// Preloaded into a server, breaks it: what it answers is committed only with the next transaction, or half a second
// later.
import { DatabaseSync } from 'node:sqlite';

const HALF_A_SECOND_MS = 500;
const { prototype } = DatabaseSync;
const exec: (this: DatabaseSync, sql: string) => void = Reflect.get(prototype, 'exec');
const close: (this: DatabaseSync) => void = Reflect.get(prototype, 'close');
let commit: (() => void) | undefined;

prototype.exec = function (sql: string): void {
  if (sql !== 'commit') {
    if (sql === 'begin immediate' || sql === 'rollback') commit?.();
    exec.call(this, sql);
    return;
  }
  const timer = setTimeout(() => commit?.(), HALF_A_SECOND_MS);
  commit = () => {
    commit = undefined;
    clearTimeout(timer);
    exec.call(this, 'commit');
  };
};

prototype.close = function (): void {
  commit?.();
  close.call(this);
};
