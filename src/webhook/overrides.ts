// Connection overrides: time-outs and retries set in the fragment of a callback URL, as in
// `https://example.com/hook#rc=3&rp=5xx,ct`.

/** How an attempt may fail. */
export type FailureKind = 'connect' | 'read' | '3xx' | '4xx' | '5xx';

export interface Overrides {
  connectTimeoutMs: number;
  readTimeoutMs: number;
  totalTimeoutMs: number;
  /** Retries requested by the URL; undefined: the default schedule applies. */
  retryCount: number | undefined;
  /** Failures after which `retryCount` applies. */
  retryPolicy: readonly FailureKind[];
  /** Server name for TLS. */
  sni: string | undefined;
}

const POLICIES: Record<string, readonly FailureKind[]> = {
  '4xx': ['4xx'],
  '5xx': ['5xx'],
  ct: ['connect'],
  rt: ['read'],
  all: ['connect', 'read', '3xx', '4xx', '5xx'],
};

/** Values out of range are clamped; invalid ones are ignored. */
export function parseOverrides(url: URL): Overrides {
  const given = new URLSearchParams(url.hash.slice(1));

  function integer(name: string, otherwise: number, least: number, most: number): number {
    const value = given.get(name);
    if (value === null || !/^\d+$/.test(value)) return otherwise;
    return Math.min(Math.max(Number(value), least), most);
  }

  const retryCount = integer('rc', -1, 0, 5);
  return {
    connectTimeoutMs: integer('ct', 5_000, 100, 10_000),
    readTimeoutMs: integer('rt', 15_000, 100, 15_000),
    totalTimeoutMs: integer('tt', 15_000, 100, 15_000),
    retryCount: retryCount === -1 ? undefined : retryCount,
    retryPolicy: (given.get('rp') ?? 'ct')
      .split(',')
      .flatMap((name) => POLICIES[name.trim()] ?? []),
    sni: given.get('sni') ?? undefined,
  };
}
