// What a feed follows: the events of eSIM Profiles, or those of eUICCs.
import type { EventRange, ToldEventRow } from '../../store/esim-profile-events.ts';
import type { ToldEuiccEventRow } from '../../store/euicc-events.ts';
import type { EventListener, Store } from '../../store/store.ts';

export interface EventSource<Row extends { sid: string }> {
  events: {
    read(accountSid: string, range: EventRange): Promise<Row[]>;
    find(accountSid: string, sids: readonly string[]): Promise<Row[]>;
    sids(accountSid: string, after: string): Promise<string[]>;
    newestSid(accountSid: string): Promise<string | undefined>;
  };
  /** The SID of what an event is about. */
  subjectOf(row: Row): string;
  onEvents(listener: EventListener): () => void;
  changeToken(): Promise<string>;
  now(): Date;
}

export const esimProfileSource = (store: Store): EventSource<ToldEventRow> => ({
  events: store.esimProfileEvents,
  subjectOf: ({ esim_profile_sid: sid }) => sid,
  onEvents: (listener) => store.onEvents(listener),
  changeToken: () => store.changeToken(),
  now: () => store.now(),
});

export const euiccSource = (store: Store): EventSource<ToldEuiccEventRow> => ({
  events: store.euiccEvents,
  subjectOf: ({ euicc_sid: sid }) => sid,
  onEvents: (listener) => store.onEuiccEvents(listener),
  changeToken: () => store.changeToken(),
  now: () => store.now(),
});
