// A rotation of the master key whose process dies at each of its transactions, and is begun again.
import type { Config, Secrets } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { rotate } from '../../src/rotation/rotate.ts';
import type { RotateOptions } from '../../src/rotation/rotate.ts';
import type { Transact } from '../../src/unit.ts';

class Killed extends Error {}

export type Rotated = Awaited<ReturnType<typeof rotate>>;

export const atOnce = {
  isServed: () => false,
  patienceMs: 20_000,
  isUrgent: true,
  settleMs: 30,
  tellWaiting: () => {},
  tellProgress: () => {},
} satisfies Partial<RotateOptions>;

/** As `simwright key rotate`, in this process. */
export async function rotateOnce(
  config: Config,
  secrets: Secrets,
  given: Partial<RotateOptions> = {},
  { again = false, isKept = true, born = (transact: Transact) => transact } = {},
): Promise<Rotated> {
  const { store, transact, masterKey } = await openData(config, secrets);
  const source = {
    text: secrets.masterKey,
    command: secrets.masterKeyCommand,
    file: config.masterKeyFile,
  };
  try {
    const options = { ...atOnce, source, masterKey, store, transact: born(transact), ...given };
    return await rotate(options, { again, isKept });
  } finally {
    await store.close();
  }
}

/**
 * The first process dies at its first transaction, the next one at its second, until one comes to the end; each of them once
 * before it is committed and once after. @param between what happens after each death
 */
export async function rotateWithDeaths(
  config: Config,
  secrets: Secrets,
  between: (deaths: number) => Promise<void>,
): Promise<Rotated & { deaths: number }> {
  for (let deaths = 0; ; deaths++) {
    const born = (transact: Transact) =>
      dyingAt(transact, 1 + Math.floor(deaths / 2), deaths % 2 === 1);
    try {
      return { ...(await rotateOnce(config, secrets, {}, { born })), deaths };
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      await between(deaths);
    }
  }
}

function dyingAt(transact: Transact, which: number, isCommitted: boolean): Transact {
  let left = which;
  return async (work) => {
    left--;
    if (left < 0 || (left === 0 && !isCommitted)) throw new Killed();
    const result = await transact(work);
    if (left === 0) throw new Killed();
    return result;
  };
}
