// SGP.32 §3.1.1.2 eIM package injection: what waits for an eUICC is sent to its IPA, which listens, one package after the other. It is on
// disk before it leaves, what comes back is taken as if the IPA had provided it, and what the eUICC may forget is told in a call of its own.
import type { Context } from '../../context.ts';
import type { InjectionOutcome } from '../../metrics/metrics.ts';
import { CANCELLED } from '../../outgoing/failure.ts';
import { PeerUnavailable } from '../../outgoing/peer-unavailable.ts';
import { scheduledPause } from '../../outgoing/schedule.ts';
import { EimAcknowledgements } from '../../rsp/definitions/eim-package.ts';
import type { EimPackageResult, TransferEimPackageResponse } from '../../rsp/definitions/esipa.ts';
import { EuiccPackageResult } from '../../rsp/definitions/euicc-package.ts';
import { eimPackageResultErrorCodes } from '../../rsp/eim-codes.ts';
import { encodeEid } from '../../rsp/identifiers.ts';
import { nameOf } from '../../rsp/reasons.ts';
import { Conflict } from '../../store/errors.ts';
import { runAgain } from '../../store/run-again.ts';
import type { EimInjectionRow, EimPackageRow, EuiccRow } from '../../store/schema.ts';
import type { EimContext } from '../eim.ts';
import { provideEimPackageResult } from '../esipa-functions/provideEimPackageResult.ts';
import { nextAllowed } from '../fleet/gate.ts';
import { isAskedBefore } from '../operations/ask-before-download.ts';
import { sentApartMs } from '../operations/attempts.ts';
import { handOut } from '../operations/hand-out.ts';
import { isListening, isSameIpa } from './ipa.ts';
import type { CallIpa, IpaCaller } from './ipa.ts';

export type InjectContext = EimContext & Pick<Context, 'metrics'> & { callIpa: CallIpa };

/** Longer than one call to an IPA: after this, whoever makes it is dead. It is renewed for each. */
export const CLAIM_MS = 90_000;
/** One claim is not held forever, however much there is. */
const MOST_PACKAGES = 32;
/** Pauses go on as long as something waits: the last one again and again. */
const LONGEST_PAUSE = 10;

/** What was sent: `row` is that of an operation; undefined: of the question before a download. */
interface Sent {
  request: Uint8Array;
  transactionId: Uint8Array;
  row: EimPackageRow | undefined;
}

/** When to go on: null: there is nothing left. */
type Next = { due: Date; attempts: number } | null;

/** @param claimed as it was before it was claimed */
export async function inject(
  claimed: EimInjectionRow,
  lockedUntil: string,
  context: InjectContext,
  signal: AbortSignal,
): Promise<void> {
  const held = { eid: claimed.eid, locked_until: lockedUntil };
  const attempt = new Injection(claimed, held, context, signal);
  const next = await attempt.run();
  if (next === 'lost') return;
  const settled = next && {
    attempts: next.attempts,
    due_at: next.due.toISOString(),
    acknowledgements: attempt.owed.length === 0 ? null : JSON.stringify(attempt.owed),
  };
  await context.transact(({ tables }) =>
    tables.eimInjections.settle(held, attempt.seen, settled ?? undefined),
  );
}

class Injection {
  /** seqNumbers that the IPA was not told. */
  owed: number[];
  /** `wanted`, before the last look for what there is to do. */
  seen: number;
  readonly #row: EimInjectionRow;
  readonly #held: { eid: string; locked_until: string };
  readonly #context: InjectContext;
  readonly #signal: AbortSignal;
  #attempts: number;

  constructor(
    row: EimInjectionRow,
    held: { eid: string; locked_until: string },
    context: InjectContext,
    signal: AbortSignal,
  ) {
    this.#row = row;
    this.#held = held;
    this.#context = context;
    this.#signal = signal;
    this.#attempts = row.attempts;
    this.seen = row.wanted;
    this.owed = row.acknowledgements === null ? [] : (JSON.parse(row.acknowledgements) as number[]);
  }

  async run(): Promise<Next | 'lost'> {
    const { store, callIpa } = this.#context;
    const euicc = await store.euiccs.find(this.#row.eid);
    if (euicc === undefined || !isListening(euicc)) return null;
    // Who held it before may have died between a result and its acknowledgement.
    const isOrphan = this.#row.locked_until !== null;
    if (isOrphan) this.owed.push(...(await this.#lastResult()));
    using ipa = callIpa(euicc);
    try {
      for (let count = 0; count < MOST_PACKAGES; count += 1) {
        const ended =
          (count === 0 ? undefined : await this.#renew(euicc)) ??
          (await this.#acknowledge(euicc, ipa));
        if (ended !== undefined) return ended;
        const isFresh = count > 0 || isOrphan || this.#attempts > 0;
        const until = await this.#waitUntil(isFresh);
        if (until !== undefined) return until;
        const next = await this.#transfer(euicc, ipa);
        if (next !== undefined) return next;
      }
      return { due: this.#context.now(), attempts: 0 };
    } catch (error) {
      if (error instanceof NothingToSend) return { due: this.#context.now(), attempts: 0 };
      if (!(error instanceof PeerUnavailable)) throw error;
      return this.#failed(euicc, error);
    }
  }

  /** @returns undefined: it still is ours, and its IPA is where it was */
  async #renew(before: EuiccRow): Promise<Next | 'lost' | undefined> {
    const { store, transact, now } = this.#context;
    const until = new Date(now().getTime() + CLAIM_MS).toISOString();
    const isHeld = await transact(({ tables }) => tables.eimInjections.extend(this.#held, until));
    if (!isHeld) return 'lost';
    this.#held.locked_until = until;
    const row = await store.eimInjections.find(before.eid);
    if (row !== undefined) this.seen = row.wanted;
    const euicc = await store.euiccs.find(before.eid);
    const isSame = euicc !== undefined && isSameIpa(before, euicc);
    return isSame ? undefined : { due: now(), attempts: 0 };
  }

  /** @param isFresh whether a package that was sent is sent again at once. @returns undefined: there is something to send */
  async #waitUntil(isFresh: boolean): Promise<Next | undefined> {
    const { store, now } = this.#context;
    const { eid } = this.#row;
    const operation = await nextAllowed(eid, store);
    if (operation === undefined) {
      if ((await store.eimOperations.next(eid)) === undefined) return null;
      // What waits is not allowed yet.
      return this.#pause();
    }
    if (operation.date_due !== null && operation.date_due > now().toISOString()) {
      return { due: new Date(operation.date_due), attempts: 0 };
    }
    if (operation.status !== 'sent' || isFresh) return undefined;
    const sent = await store.eimOperations.newestPackage(eid, operation.sid);
    const due = sent?.state === 'open' ? againAt(sent) : now();
    return due > now() ? { due, attempts: 0 } : undefined;
  }

  /** One package. @returns undefined: it has its result */
  async #transfer(euicc: EuiccRow, ipa: IpaCaller): Promise<Next | undefined> {
    const { log, metrics } = this.#context;
    let sent: Sent | undefined;
    const started = performance.now();
    let outcome: InjectionOutcome | undefined = 'unavailable';
    try {
      const answer = await ipa.transferEimPackage(async () => {
        sent = await runAgain(() => this.#handOut(euicc));
        return sent.request;
      }, this.#signal);
      const { eimPackageError, eimPackageErrorWithCid } = answer;
      const error = eimPackageError ?? eimPackageErrorWithCid?.eimPackageError;
      outcome = error !== undefined ? 'error' : isReceived(answer) ? 'received' : 'result';
      return await this.#take(answer, sent!);
    } catch (error) {
      if (error instanceof NothingToSend) outcome = undefined;
      throw error;
    } finally {
      if (outcome !== undefined) {
        const ms = performance.now() - started;
        metrics.injection(outcome, ms);
        const fields = { eid: euicc.eid, package: sent?.row?.number ?? null, ms: Math.round(ms) };
        log.info({ ...fields, outcome }, 'ESipa TransferEimPackage');
      }
    }
  }

  /** As `handOut`. Throws `NothingToSend`, `Conflict`. */
  async #handOut(before: EuiccRow): Promise<Sent> {
    const { store } = this.#context;
    const { eid } = before;
    const euicc = await store.euiccs.find(eid);
    // Removed, or told to listen elsewhere, since.
    const isSame = euicc !== undefined && isListening(euicc) && isSameIpa(before, euicc);
    if (!isSame) throw new NothingToSend();
    const request = await handOut(euicc, this.#context);
    if (request === undefined) throw new NothingToSend();
    if (isAskedBefore(request, eid)) {
      return { request, transactionId: encodeEid(eid), row: undefined };
    }
    const operation = await nextAllowed(eid, store);
    const row = operation && (await store.eimOperations.newestPackage(eid, operation.sid));
    if (row === undefined || Buffer.compare(row.request, request) !== 0) {
      throw new Conflict('the package was resolved');
    }
    const transactionId = Uint8Array.fromHex(row.transaction_id);
    return { request: Uint8Array.from(request), transactionId, row };
  }

  async #take(answer: TransferEimPackageResponse, sent: Sent): Promise<Next | undefined> {
    const { store, log } = this.#context;
    const { eid } = this.#row;
    const { row } = sent;
    const eimPackageResult = resultIn(answer, sent);
    if (eimPackageResult === undefined) return { due: this.#againAt(row), attempts: 0 };
    const { acknowledged, error } = await runAgain(() =>
      provideEimPackageResult(
        { eidValue: encodeEid(eid), eimPackageResult },
        { userAgent: undefined, address: null },
        this.#context,
      ),
    );
    this.owed.push(...acknowledged);
    const { eimPackageResultResponseError: refused } = eimPackageResult;
    if (refused !== undefined && row !== undefined && row.counter !== null) {
      const code = refused.eimPackageResultErrorCode;
      const name = nameOf(eimPackageResultErrorCodes, code) ?? `${code}`;
      await this.#note(`The IPA has answered with ${name}`, row.operation_sid);
    }
    if (error !== undefined) {
      const fields = { eid, package: row?.number ?? null, error };
      log.warn(fields, 'the answer of an IPA was not accepted');
    }
    // Asked once: whatever it has answered, the download is next.
    if (row === undefined) return undefined;
    const now = await store.eimOperations.packageByTransaction(row.transaction_id, eid);
    if (error === undefined && now?.state !== 'open') {
      this.#attempts = 0;
      return undefined;
    }
    // Tried again as it is, or when the operation says.
    return (await this.#waitUntil(true)) ?? this.#pause();
  }

  /** An answer to a question is waited for as if it had been sent once. */
  #againAt(row: EimPackageRow | undefined): Date {
    if (row !== undefined) return againAt(row);
    return new Date(this.#context.now().getTime() + sentApartMs(1));
  }

  /** Whatever comes back: what the IPA does not forget, it tells again. Throws `PeerUnavailable` if it cannot have come. */
  async #acknowledge(euicc: EuiccRow, ipa: IpaCaller): Promise<Next | 'lost' | undefined> {
    const numbers = [...new Set(this.owed)];
    if (numbers.length === 0) return undefined;
    try {
      await ipa.transferEimPackage(async () => EimAcknowledgements.encode(numbers), this.#signal);
    } catch (error) {
      if (!(error instanceof PeerUnavailable) || error.arrival === 'not sent') throw error;
      const { message: cause, detail } = error;
      const fields = { eid: this.#row.eid, numbers, cause, detail };
      this.#context.log.warn(fields, 'an IPA has not answered acknowledgements');
    }
    this.owed = [];
    // A call may take most of the time of a claim.
    return this.#renew(euicc);
  }

  async #failed({ ipa_url: url }: EuiccRow, error: PeerUnavailable): Promise<Next> {
    const { log, now } = this.#context;
    if (error.message === CANCELLED) {
      // What was on its way is sent again at once, as after a death.
      return { due: now(), attempts: Math.max(this.#attempts, 1) };
    }
    const host = new URL(url!).host;
    const { message: cause, detail } = error;
    log.warn({ eid: this.#row.eid, host, cause, detail }, 'an IPA was not reached');
    await this.#note(`The IPA at ${host}: ${cause}`);
    return this.#pause();
  }

  #pause(): Next {
    const attempts = this.#attempts + 1;
    const ms = scheduledPause(Math.min(attempts, LONGEST_PAUSE), undefined)!;
    return { due: new Date(this.#context.now().getTime() + ms), attempts };
  }

  /** The operation shows what it waits for. @param sid that of the package that was answered; it may have ended meanwhile */
  async #note(message: string, sid?: string): Promise<void> {
    const { transact } = this.#context;
    const { eid } = this.#row;
    await transact(async ({ tables, now }) => {
      await tables.euiccs.lock(eid);
      const operation = await nextAllowed(eid, tables);
      if (operation === undefined || operation.error_message === message) return;
      if (sid !== undefined && sid !== operation.sid) return;
      const changed = { error_message: message, date_updated: now.toISOString() };
      await tables.eimOperations.update(operation, changed);
    });
  }

  /** The seqNumber of the last result that was taken. */
  async #lastResult(): Promise<number[]> {
    const { store } = this.#context;
    const last = await store.eimOperations.lastResult(this.#row.eid);
    if (last?.response == null) return [];
    const { euiccPackageResultSigned: signed } = EuiccPackageResult.decode(last.response);
    const seqNumber = signed?.euiccPackageResultDataSigned.value.seqNumber;
    return seqNumber === undefined ? [] : [seqNumber];
  }
}

/** There was something, which a poll has taken meanwhile. */
class NothingToSend extends Error {}

/** A package without its result is sent again as often as polls would count. */
const againAt = ({ date_sent: date, sent }: EimPackageRow) =>
  new Date(Date.parse(date) + sentApartMs(sent));

const isReceived = (answer: TransferEimPackageResponse) =>
  answer.eimPackageReceived !== undefined || answer.eimPackageReceivedWithCid !== undefined;

/** As the IPA could have provided it; undefined: it will. */
function resultIn(
  answer: TransferEimPackageResponse,
  { transactionId }: Pick<Sent, 'transactionId'>,
): EimPackageResult | undefined {
  const { euiccPackageResult, ePRAndNotifications, ipaEuiccDataResponse } = answer;
  if (euiccPackageResult !== undefined) return { euiccPackageResult };
  if (ePRAndNotifications !== undefined) return { ePRAndNotifications };
  if (ipaEuiccDataResponse !== undefined) return { ipaEuiccDataResponse };
  const code = answer.eimPackageError ?? answer.eimPackageErrorWithCid?.eimPackageError;
  if (code === undefined) return undefined;
  return {
    eimPackageResultResponseError: {
      eimTransactionId: transactionId,
      eimPackageResultErrorCode: code,
    },
  };
}
