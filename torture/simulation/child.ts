// A process that simulates the seeds that it is sent.
import { simulate } from './simulate.ts';
import { summarise } from './seeds.ts';

process.on('message', (seed: number) => {
  simulate(seed).then(
    (run) => process.send!(summarise(run)),
    (error: unknown) => {
      console.error(`seed ${seed} cannot be simulated:`, error);
      process.exit(1);
    },
  );
});
