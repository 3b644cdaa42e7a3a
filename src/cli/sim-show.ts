import { Command } from 'commander';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findSim } from './find-sim.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { fieldsOfSim, simRecord } from './sim-text.ts';
import { renderFields } from './table.ts';

/** `simwright sim show` */
export function simShowCommand(): Command {
  return new Command('show')
    .description('show a Sim, the subscription in an eSIM Profile')
    .argument('<SID>', 'the Sim, by its SID or its unique name')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright sim show HS…'], ['simwright sim show meter-17']))
    .action((name: string, options: AccountOption & JsonOption) =>
      withData(async ({ store, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const sim = await findSim(store.sims, 'find', accountSid, name);
        if (options.json) printJson(simRecord(sim, publicUrl));
        else print(renderFields(fieldsOfSim(sim)));
      }),
    );
}
