// The calls that the SM-DP+ has answered to a device: each must be in the RSP log of its profile.
import assert from 'node:assert/strict';
import type { Es9PlusFunction, Es9PlusTransport } from '../src/device/es9plus-transport.ts';
import { ask } from './client.ts';
import type { World } from './world.ts';

/** Those that move a session on with its order known; the result of an installation has no TransactionID of its own. */
const NOTED: readonly Es9PlusFunction[] = ['authenticateClient', 'getBoundProfilePackage'];

export class AnsweredCalls {
  readonly #calls = new Set<string>();

  /** The same world, in which it is noted what is answered with success. */
  within(world: World): World {
    // What it has is there only once the server has started.
    return Object.create(world, { es9: { value: this.#through(world) } }) as World;
  }

  #through(world: World): Es9PlusTransport {
    return {
      send: async (name, smdpAddress, request) => {
        const answer = await world.es9.send(name, smdpAddress, request);
        if (NOTED.includes(name) && answer.body.includes('"Executed-Success"')) {
          this.#calls.add(nameOf(name, request['transactionId']));
        }
        return answer;
      },
    };
  }

  /** Those of another order are over. */
  forget(): void {
    this.#calls.clear();
  }

  /** @param sid of the eSIM Profile that all of them are about */
  async assertLogged(world: World, sid: string): Promise<void> {
    const path = `/v1/ESimProfiles/${sid}/RspLog?PageSize=1000`;
    const { json } = await ask(world, { method: 'GET', path });
    const entries = json.rsp_log as { function: string; transaction_id: string; status: string }[];
    const logged = new Set(
      entries
        .filter(({ status }) => status === 'Executed-Success')
        .map((entry) => nameOf(entry.function, entry.transaction_id)),
    );
    assert.ok(this.#calls.size >= NOTED.length, 'none was noted');
    const missing = [...this.#calls].filter((call) => !logged.has(call));
    assert.deepEqual(missing, [], 'a call that was answered is not in the RSP log');
  }
}

const nameOf = (name: string, transactionId: unknown) =>
  `${name} ${String(transactionId).toUpperCase()}`;
