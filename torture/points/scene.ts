// What is played at each point: every journey, and the starts of a server before it.
import type { Journey } from '../journey.ts';
import { JOURNEYS } from '../journeys/index.ts';
import { order } from '../journeys/order.ts';
import type { Origin } from './ground.ts';

export interface Scene {
  name: string;
  origin: Origin;
  /** Which calls are its points: those until the server listens, those from then on, or both. */
  points: 'start' | 'journey' | 'both';
  journey: Journey;
}

export const SCENES: readonly Scene[] = [
  { name: 'first-start', origin: 'empty', points: 'start', journey: order },
  { name: 'start', origin: 'ready', points: 'start', journey: order },
  ...JOURNEYS.map((journey): Scene => ({
    name: journey.name,
    ...(journey.database === 'old'
      ? { origin: 'old', points: 'both' }
      : { origin: 'ready', points: 'journey' }),
    journey,
  })),
];
