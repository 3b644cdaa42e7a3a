// A process that simulates the seeds that it is sent. It loads the simulation before the server, as it must.
import { simulate } from './simulate.ts';
import { JOURNEYS } from '../journeys/index.ts';
import type { Asked, Simulated } from './seeds.ts';

process.on('SIGTERM', () => process.exit(1));
// Whoever asked has died, or needs no more.
process.on('disconnect', () => process.exit());
process.on('message', ({ seed, keeps, journeys }: Asked) => {
  const among = JOURNEYS.filter(({ name }) => journeys?.includes(name) ?? true);
  simulate(seed, { isDetailed: keeps === 'statements', journeys: among }).then(
    ({ trace, ...run }) => {
      const simulated: Simulated = { ...run, lines: keeps === undefined ? [] : trace.lines };
      process.send!(simulated);
    },
    (error: unknown) => {
      console.error(`seed ${seed} cannot be simulated:`, error);
      process.exit(1);
    },
  );
});
