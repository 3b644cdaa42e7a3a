import type { SimRow } from '../store/schema.ts';
import type { Sims } from '../store/sims.ts';
import { UserError } from './user-error.ts';

/**
 * Finds a Sim, as the API does.
 * @param whether to lock it
 * @param name its SID or its unique name Throws `UserError` if the account has no such Sim.
 */
export async function findSim(
  sims: Sims,
  find: 'find' | 'lock',
  accountSid: string,
  name: string,
): Promise<SimRow> {
  const sim = await sims[find](accountSid, name);
  if (sim === undefined) throw new UserError(`There is no Sim ${name} in account ${accountSid}`);
  return sim;
}
