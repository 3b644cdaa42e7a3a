// Seals the audit log, verifies it again and again, a little at a time, and enters what was denied.
import { auditKeysOf, currentAuditKey } from '../audit/audit-key.ts';
import type { AuditKey } from '../audit/audit-key.ts';
import { BEGINNING, checkNext } from '../audit/check.ts';
import type { AuditProblem, Place } from '../audit/check.ts';
import { forgetOldEntries } from '../audit/retention.ts';
import { hashOfSeal, parseSeal, sealNext } from '../audit/seal.ts';
import type { Context } from '../context.ts';
import type { AuditSealRow } from '../store/schema.ts';
import type { Job } from './job.ts';

const EVERY_MS = 2_000;
/** From the end of one check of the whole log to the beginning of the next. */
const PAUSE_MS = 60 * 60 * 1_000;
const RETENTION_EVERY_MS = 60 * 60 * 1_000;
const SHOWN_PROBLEMS = 5;

type AuditContext = Pick<
  Context,
  'config' | 'store' | 'transact' | 'masterKey' | 'log' | 'metrics' | 'peers' | 'denied'
>;

export function audit(context: AuditContext): Job {
  const { store, transact, peers, denied } = context;
  const log = peers.number === 1 ? new Keeper(context) : undefined;
  return {
    name: 'audit',
    everyMs: EVERY_MS,
    async turn() {
      await denied.enter(transact, performance.now());
      if (log === undefined) return false;
      try {
        if (await log.seal()) return true;
      } finally {
        // Also of a log that is so broken that nothing can be sealed.
        await log.look(store);
      }
      return false;
    },
  };
}

/** What one process of each server does for the log of the database. */
class Keeper {
  readonly #context: AuditContext;
  readonly #key: () => AuditKey;
  /** The newest seal that this process has seen. */
  #head: AuditSealRow | undefined;
  #place: Place = BEGINNING;
  /** Found since the check of the whole log has begun, and in the one before. */
  #found = 0;
  #foundBefore = 0;
  /** The end of the log was cut: no later check finds that. */
  #isCut = false;
  #checkAt = -Infinity;
  #forgetAt = -Infinity;

  constructor(context: AuditContext) {
    this.#context = context;
    this.#key = currentAuditKey(context.masterKey);
    this.#show();
  }

  async seal(): Promise<boolean> {
    const { store, transact, log } = this.#context;
    await this.#checkEnd();
    const { row, more } = await sealNext(this.#key(), { store, transact });
    if (row !== undefined) {
      const { number, entries, total } = parseSeal(row);
      // Whoever keeps this line elsewhere can prove later that the log was not cut or made anew.
      log.info({ seal: number, hash: hashOfSeal(row), entries, total }, 'audit log sealed');
      this.#head = row;
    }
    return more;
  }

  /** Whether what this process has seen last is still there. */
  async #checkEnd(): Promise<void> {
    const { store } = this.#context;
    const seen = this.#head;
    const head = await store.auditLog.head();
    if (seen !== undefined && !this.#isCut) {
      const [same] = await store.auditLog.sealsAfter(seen.number - 1, 1);
      if (head === undefined || same?.seal !== seen.seal) {
        this.#isCut = true;
        const problem = `expected it to be as sealed before, with the hash ${hashOfSeal(seen)}; the end of the log was cut, or it is another log`;
        this.#log([{ accountSid: null, subject: `seal ${seen.number}`, problem }]);
        this.#show();
      }
    }
    if (head === undefined) return;
    this.#head = head;
    this.#context.metrics.auditSealed(parseSeal(head).total);
  }

  /** Verifies a slice of the log, and deletes what is past its time. */
  async look(store: Context['store']): Promise<void> {
    const { config, metrics, masterKey } = this.#context;
    const now = performance.now();
    if (now < this.#checkAt && now < this.#forgetAt) return;
    const keys = auditKeysOf(masterKey);
    if (now >= this.#forgetAt) {
      const isMore = await forgetOldEntries(
        config.auditRetentionDays,
        this.#context,
        this.#key(),
        keys,
      );
      if (!isMore) this.#forgetAt = now + RETENTION_EVERY_MS;
    }
    if (now < this.#checkAt) return;
    const { place, problems, isEnd } = await checkNext(this.#place, store.auditLog, keys);
    this.#place = place;
    this.#tell(problems);
    if (!isEnd) return;
    this.#place = BEGINNING;
    this.#checkAt = now + PAUSE_MS;
    this.#foundBefore = this.#found;
    this.#found = 0;
    this.#show();
    metrics.auditChecked(store.now());
  }

  #tell(problems: readonly AuditProblem[]): void {
    if (problems.length === 0) return;
    this.#found += problems.length;
    this.#log(problems);
    this.#show();
  }

  #log(problems: readonly AuditProblem[]): void {
    const shown = problems.slice(0, SHOWN_PROBLEMS);
    this.#context.log.error(
      { problems: shown, count: problems.length },
      'the audit log is broken: see simwright audit verify',
    );
  }

  #show(): void {
    const found = Math.max(this.#found, this.#foundBefore) + (this.#isCut ? 1 : 0);
    this.#context.metrics.auditProblems(found);
  }
}
