// A world in which an answer may get lost on its way to the client, or be the last that the server gave, and devices may lose power.
import { esipaFunctionOf } from '../../src/esipa/asn1-binding.ts';
import { NoAnswer, PowerLost } from '../world.ts';
import type { World } from '../world.ts';
import type { Call, Fault } from './point.ts';

interface Server {
  /** @returns what must go wrong with a call */
  pass(call: Call): Fault | undefined;
  die(): void;
}

export function lossy(world: World, server: Server): World {
  async function answer<T>(name: string, ask: () => Promise<T>): Promise<T> {
    const given = await ask();
    const fault = server.pass({
      kind: 'answer',
      name: `answer-${name}`,
      text: `answer to ${name}`,
    });
    if (fault === 'die') server.die();
    if (fault === 'lose') throw new NoAnswer(`${name}: lost`);
    return given;
  }
  return {
    ...world,
    esipa: (eim) => {
      const transport = world.esipa(eim);
      return {
        send: (der) => answer(`esipa-${esipaFunctionOf(der)}`, () => transport.send(der)),
      };
    },
    power(step) {
      const call = { kind: 'device', name: `device-${step}`, text: `the eUICC: ${step}` } as const;
      if (server.pass(call) === 'power-off') throw new PowerLost();
    },
    send: (request) =>
      answer(`${request.method}-${patternOf(request.path)}`, () => world.send(request)),
    es9: {
      send: (name, address, request) => answer(name, () => world.es9.send(name, address, request)),
    },
  };
}

/** A path without what differs from run to run. */
function patternOf(path: string): string {
  return path
    .replace(/\?.*/, '')
    .replace(/[A-Z]{2}[0-9a-f]{32}/g, 'SID')
    .replace(/\d{32}/g, 'EID');
}
