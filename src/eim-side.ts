// The eIM of a server: its keys, its listener, its job, and the SM-DP+ that it reaches.
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import type { Eim } from './eim/eim.ts';
import type { Es9Plus } from './eim/es9plus.ts';
import { SmdpUnavailable } from './eim/es9plus.ts';
import { EimKeyRing, ensureEimKeys } from './eim/server-keys.ts';
import type { Es9Plus as Es9PlusListener } from './es9plus/routes.ts';
import { jsonBinding } from './es9plus/json-binding.ts';
import type { Esipa } from './esipa/listener.ts';
import { buildEsipa } from './esipa/listener.ts';
import { eim as eimJob } from './jobs/eim.ts';
import type { Job } from './jobs/job.ts';

export interface EimSide {
  eim: Eim;
  esipa: Esipa;
  job: Job;
}

/** @param es9 of the built-in SM-DP+; undefined: it is a rented one */
export async function openEim(
  context: Context,
  es9: Es9PlusListener | undefined,
): Promise<EimSide | undefined> {
  if (context.config.esipaPort === undefined) return undefined;
  await ensureEimKeys(context);
  const keys = await EimKeyRing.open({
    store: context.store,
    masterKey: context.masterKey,
    transact: context.transact,
    // Its address is known once ESipa listens.
    get config() {
      return context.config;
    },
  });
  const eim: Eim = { keys, es9plus: builtInSmdp(es9, () => context.config) };
  const rules = {
    store: context.store,
    transact: context.transact,
    wake: context.wake,
    peers: context.peers,
    now: context.now,
    log: context.log,
    eim,
  };
  return { eim, esipa: buildEsipa(eim, context), job: eimJob(rules) };
}

/** The built-in SM-DP+, called in this process as over HTTPS. */
function builtInSmdp(
  es9: Es9PlusListener | undefined,
  config: () => Pick<Config, 'smdpAddress'>,
): Es9Plus {
  return {
    reaches: (address) =>
      es9 !== undefined && address.toLowerCase() === config().smdpAddress.toLowerCase(),
    async call(name, at, members, { userAgent, address }) {
      if (es9 === undefined) throw new SmdpUnavailable(`${at} is not the built-in SM-DP+`);
      const { status, body = '' } = await es9.answer({
        binding: jsonBinding,
        name,
        headers: userAgent === undefined ? {} : { 'user-agent': userAgent },
        body: Buffer.from(JSON.stringify(members)),
        address,
      });
      return { status, body: typeof body === 'string' ? body : Buffer.from(body).toString() };
    },
  };
}
