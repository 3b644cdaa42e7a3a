// How far a rotation is, for metrics.
import type { Store } from '../store/store.ts';
import { findProgress } from './reseal.ts';
import { readRing } from './ring.ts';

export interface RotationFigures {
  /** Since when a rotation is under way; undefined: none is. */
  since: Date | undefined;
  /** How many rows the present pass has not looked at yet. */
  rowsLeft: number;
}

export async function rotationFigures(store: Pick<Store, 'settings'>): Promise<RotationFigures> {
  const ring = await readRing((name) => store.settings.find(name));
  const since = ring?.next?.since ?? ring?.resealing?.since;
  if (since === undefined) return { since: undefined, rowsLeft: 0 };
  const progress = await findProgress(store);
  const rowsLeft = progress === undefined ? 0 : Math.max(0, progress.rows - progress.seen);
  return { since: new Date(since), rowsLeft };
}
