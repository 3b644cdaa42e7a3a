// What has happened in a storm so far.
export interface Tally {
  faults: Map<string, number>;
  journeys: number;
  requests: number;
  unanswered: number;
  /** What clients have seen go wrong, one after the other, while servers are replaced. */
  troubles: { kind: 'no answer' | 'busy'; text: string }[];
  orders: number;
  downloads: number;
  callbacks: number;
  violations: string[];
  /** Journeys that were given up before their ends. */
  abandoned: string[];
}

export function newTally(): Tally {
  return {
    faults: new Map(),
    journeys: 0,
    requests: 0,
    unanswered: 0,
    troubles: [],
    orders: 0,
    downloads: 0,
    callbacks: 0,
    violations: [],
    abandoned: [],
  };
}

export function count(tally: Tally, fault: string): void {
  tally.faults.set(fault, (tally.faults.get(fault) ?? 0) + 1);
}

export function inWords(tally: Tally): string {
  const { journeys, orders, downloads, callbacks, requests, unanswered } = tally;
  return (
    `${journeys} journeys, ${orders} orders, ${downloads} downloads, ${callbacks} callbacks, ` +
    `${requests} requests (${unanswered} unanswered)`
  );
}

export function faultsInWords({ faults }: Tally): string {
  const sorted = Array.from(faults).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([kind, times]) => `${times} × ${kind}`).join(', ') || 'none';
}
