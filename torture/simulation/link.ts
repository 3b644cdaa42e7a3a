// The network between clients and the server: requests and answers are late, get lost, or come twice.
import type { Random } from '../random.ts';
import { NoAnswer } from '../world.ts';
import type { Conditions } from './conditions.ts';
import type { Program } from './machine/machine.ts';
import type { Running, SimulatedServer } from './server.ts';

/** How long a client waits for an answer. */
const TIMEOUT_MS = 30_000;
/** The probability that a client learns of a broken connection before that. */
const HEARS = 0.7;

export class Link {
  readonly #server: SimulatedServer;
  readonly #conditions: Conditions;
  readonly #random: Random;

  constructor(server: SimulatedServer, conditions: Conditions, random: Random) {
    this.#server = server;
    this.#conditions = conditions;
    this.#random = random;
  }

  /**
   * Sends a request. Rejects with `NoAnswer`.
   * @param what names it in the trace
   * @param carryOut what the server does when it receives it
   * @param describe names the answer in the trace
   */
  exchange<Answer>(
    client: Program,
    what: string,
    carryOut: (server: Running) => Promise<Answer>,
    describe: (answer: Answer) => string,
  ): Promise<Answer> {
    const { network } = this.#conditions;
    const random = this.#random;
    const { machine, name } = client;
    return new Promise((resolve, reject) => {
      let isOpen = true;
      const end = (result: () => void, text: string) => {
        if (!isOpen) return;
        isOpen = false;
        timeout.isCancelled = true;
        machine.note(name, text);
        result();
      };
      const fail = (why: string) =>
        end(() => reject(new NoAnswer(`${what}: ${why}`)), `${what}: ${why}`);
      const timeout = client.after(TIMEOUT_MS, () => fail('no answer in time'));
      const breaks = () => {
        if (random.chance(HEARS)) client.after(this.#latency(), () => fail('connection lost'));
      };
      const deliver = (isFirst: boolean) => {
        const { running } = this.#server;
        if (running === undefined) {
          client.after(this.#latency(), () => fail('connection refused'));
          return;
        }
        const { program, onDeath } = running;
        onDeath.add(breaks);
        const answered = (answer: Answer) => {
          if (program.isStopped) return;
          onDeath.delete(breaks);
          const text = describe(answer);
          machine.note(program.name, `answers ${what} of ${name}: ${text}`);
          if (!isFirst) return;
          if (random.chance(network.losesAnswer)) breaks();
          else
            client.after(this.#latency(), () =>
              end(() => resolve(answer), `is told: ${what}: ${text}`),
            );
        };
        program.after(0, () => {
          machine.note(program.name, `receives ${what} of ${name}`);
          void carryOut(running).then(answered);
        });
      };
      if (random.chance(network.losesRequest)) {
        machine.note(name, `${what} is lost`);
        breaks();
        return;
      }
      client.after(this.#latency(), () => deliver(true));
      if (!random.chance(network.repeats)) return;
      client.after(this.#latency() + this.#latency(), () => deliver(false));
    });
  }

  #latency(): number {
    return this.#random.integer(1, this.#conditions.network.slowest);
  }
}
