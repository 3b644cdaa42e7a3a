// The metrics of a server's processes as those of one.
import { AggregatorRegistry } from 'prom-client';
import type { Exposition } from './listener.ts';
import type { Snapshot } from './metrics.ts';

/** As Prometheus reads them. Each metric says by itself how its values go together. */
export async function exposed(snapshots: readonly Snapshot[]): Promise<Exposition> {
  const registry = AggregatorRegistry.aggregate([...snapshots]);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** What several that have ended have counted, as one: what must not go back is kept, and nothing else. */
export async function countedBy(snapshots: readonly Snapshot[]): Promise<Snapshot> {
  const kept = snapshots.map((snapshot) =>
    snapshot.filter(
      ({ type, aggregator }) =>
        ['counter', 'histogram'].includes(String(type)) && aggregator === 'sum',
    ),
  );
  return AggregatorRegistry.aggregate(kept).getMetricsAsJSON();
}
