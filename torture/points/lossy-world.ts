// A world in which an answer may get lost on its way to the client, or be the last that the server gave.
import { hexTag, readDer } from '../../src/rsp/der.ts';
import { NoAnswer } from '../world.ts';
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
      const transport = world.esipa!(eim);
      return {
        send: (der) => answer(`esipa-${hexTag(readDer(der).tag)}`, () => transport.send(der)),
      };
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
  return path.replace(/\?.*/, '').replace(/[A-Z]{2}[0-9a-f]{32}/g, 'SID');
}
