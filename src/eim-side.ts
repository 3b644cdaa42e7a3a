// The eIM of a server: its keys, its listener, its job, and the SM-DP+s that it reaches.
import type { Context } from './context.ts';
import type { Eim } from './eim/eim.ts';
import type { Es9Plus } from './eim/es9plus.ts';
import { callIpa } from './eim/injection/call-ipa.ts';
import { injector } from './eim/injection/injector.ts';
import { otherSmdps } from './eim/other-smdps.ts';
import { EimKeyRing, ensureEimKeys } from './eim/server-keys.ts';
import { whichSmdps } from './eim/which-smdps.ts';
import type { Es9Plus as Es9PlusListener } from './es9plus/routes.ts';
import { jsonBinding } from './es9plus/json-binding.ts';
import type { Esipa } from './esipa/listener.ts';
import { buildEsipa } from './esipa/listener.ts';
import { transferBindings } from './esipa/transfer-eim-package.ts';
import { eim as eimJob } from './jobs/eim.ts';
import { eimNotifications } from './jobs/eim-notifications.ts';
import { fleets } from './jobs/fleets.ts';
import { injection } from './jobs/injection.ts';
import type { Job } from './jobs/job.ts';
import { openConfirmationCode } from './operator/confirmation-code.ts';
import { noteOnOrder } from './operator/euicc-command.ts';

export interface EimSide {
  eim: Eim;
  esipa: Esipa;
  jobs: Job[];
  /** Resolves when no call to an IPA is on its way any more. */
  drain(): Promise<void>;
  /** Ends the connections to SM-DP+s that are kept. */
  close(): void;
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
  const which = whichSmdps(() => context.config);
  const others = otherSmdps(which, context);
  const here = es9 && builtInSmdp(es9);
  const eim: Eim = {
    keys,
    es9plus: {
      ...which,
      call: (name, address, members, caller) =>
        (here !== undefined && which.isBuiltIn(address) ? here : others.call)(
          name,
          address,
          members,
          caller,
        ),
    },
    noteOnOrder,
    confirmationCodeOf: async (accountSid, orderSid) => {
      const order = await context.store.esimProfiles.find(accountSid, orderSid);
      return order && openConfirmationCode(order, context.masterKey);
    },
  };
  const rules = {
    store: context.store,
    transact: context.transact,
    wake: context.wake,
    peers: context.peers,
    now: context.now,
    log: context.log,
    eim,
  };
  const { store, transact, log, now, masterKey } = context;
  const fleetRules = { store, transact, log, now, masterKey, eim };
  const injecting = injector({
    get config() {
      return context.config;
    },
    get pki() {
      return context.pki;
    },
    ...rules,
    masterKey,
    metrics: context.metrics,
    callIpa: callIpa(transferBindings, { config: context.config, keys }),
  });
  return {
    eim,
    esipa: buildEsipa(eim, context),
    jobs: [eimJob(rules), eimNotifications(rules), fleets(fleetRules), injection(injecting)],
    drain: () => injecting.drain(),
    close: () => others.close(),
  };
}

/** The built-in SM-DP+, called in this process as over HTTPS. */
function builtInSmdp(es9: Es9PlusListener): Es9Plus['call'] {
  return async (name, _address, members, { userAgent, address }) => {
    const { status, body = '' } = await es9.answer({
      binding: jsonBinding,
      name,
      headers: userAgent === undefined ? {} : { 'user-agent': userAgent },
      body: Buffer.from(JSON.stringify(members)),
      address,
    });
    return { status, body: typeof body === 'string' ? body : Buffer.from(body).toString() };
  };
}
