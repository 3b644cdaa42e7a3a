// The events of an SM-DS for tests: ES12 and ES15 (§5.9, §5.10) change them, ES11 reads them.
import { randomBytes } from 'node:crypto';
import { isMatchingId } from '../../src/rsp/identifiers.ts';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { isServerAddress } from '../../src/rsp/activation-code.ts';

export interface SmdsEvent {
  readonly eid: string;
  readonly eventId: string;
  readonly rspServerAddress: string;
  /** OID of the certificate of the server that registered it, and alone may delete it. */
  readonly owner: string;
  /** Its EventID at the root SM-DS, if it was forwarded there. */
  readonly forwardedAs?: string;
}

/** Forwards to the root SM-DS. */
export interface Root {
  call(name: 'registerEvent' | 'deleteEvent', request: object): Promise<void>;
}

export class SmdsEvents {
  /** In the order in which they were registered. */
  readonly all: SmdsEvent[] = [];
  readonly #address: () => string;
  readonly #root: Root | undefined;

  constructor(address: () => string, root: Root | undefined) {
    this.#address = address;
    this.#root = root;
  }

  /** §5.9.1 */
  async registerEvent(request: Record<string, unknown>, owner: string): Promise<void> {
    const { eid, eventId, rspServerAddress, forwardingIndicator } = request;
    if (typeof eid !== 'string' || !/^[0-9A-F]{32}$/.test(eid)) throw invalid('8.1.1');
    if (typeof eventId !== 'string' || eventId === '' || !isMatchingId(eventId)) {
      throw invalid('8.9.5');
    }
    if (typeof rspServerAddress !== 'string' || !isServerAddress(rspServerAddress)) {
      throw invalid('8.8.1');
    }
    if (typeof forwardingIndicator !== 'boolean') throw invalid('8.9.5');
    if (this.#find(eid, eventId, owner) !== undefined) {
      throw new FunctionExecutionError('8.9.5', '3.3');
    }
    const event = { eid, eventId, rspServerAddress, owner };
    if (!forwardingIndicator || this.#root === undefined) {
      this.all.push(event);
      return;
    }
    // §3.6.1: the root SM-DS learns where to ask, under an EventID of its own.
    const forwardedAs = randomBytes(12).toString('hex').toUpperCase();
    this.all.push({ ...event, forwardedAs });
    await this.#root.call('registerEvent', {
      eid,
      rspServerAddress: this.#address(),
      eventId: forwardedAs,
      forwardingIndicator: false,
    });
  }

  /** §5.9.2 */
  async deleteEvent({ eid, eventId }: Record<string, unknown>, owner: string): Promise<void> {
    const event = this.#find(eid, eventId, owner);
    if (event === undefined) throw new FunctionExecutionError('8.9.5', '3.9');
    this.all.splice(this.all.indexOf(event), 1);
    if (event.forwardedAs === undefined) return;
    await this.#root!.call('deleteEvent', { eid, eventId: event.forwardedAs });
  }

  /** §5.8.2: all, or the one that a MatchingID names, which the root SM-DS may have told. */
  of(eid: string, matchingId: string): { eventId: string; rspServerAddress: string }[] {
    const events = this.all.filter(
      (event) =>
        event.eid === eid &&
        (matchingId === '' || [event.eventId, event.forwardedAs].includes(matchingId)),
    );
    if (matchingId !== '' && events.length === 0) throw new FunctionExecutionError('8.9.5', '3.9');
    return events.map(({ eventId, rspServerAddress }) => ({ eventId, rspServerAddress }));
  }

  #find(eid: unknown, eventId: unknown, owner: string): SmdsEvent | undefined {
    return this.all.find(
      (event) => event.eid === eid && event.eventId === eventId && event.owner === owner,
    );
  }
}

const invalid = (subject: '8.1.1' | '8.9.5' | '8.8.1') =>
  new FunctionExecutionError(subject, '2.1');
