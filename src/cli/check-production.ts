import { Command } from 'commander';
import { findPast } from '../past/restored-past.ts';
import { checkProduction } from '../production/production-checks.ts';
import { rotationFigures } from '../rotation/figures.ts';
import type { Finding } from '../smdp/check/finding.ts';
import { TEST_NETWORK } from '../smdp/stock/test-stock.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { EXIT_CODES, findingsOptions, tellFindings } from './findings-text.ts';
import type { FindingsOptions } from './findings-text.ts';
import { examples } from './options.ts';
import { pkiFindings } from './pki-check.ts';
import type { LiveOptions } from './pki-check.ts';

const HELP = `
The list of docs/going-live.md, as far as a program can see it: settings, the master key, the stock, API keys, and all of
simwright pki check. Run it with the settings of the server. A laptop's server has warnings and faults here, and works.

${EXIT_CODES} Nothing is changed.`;

/** `simwright check-production` */
export function checkProductionCommand(): Command {
  const command = new Command('check-production')
    .description('check everything that a server should have before it goes live')
    .option('--live', 'connect to SIMWRIGHT_SMDP_ADDRESS, as devices do; it must answer');
  return findingsOptions(command)
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(['simwright check-production'], ['simwright check-production --live --strict']),
    )
    .action((options: FindingsOptions & LiveOptions) =>
      tellFindings(async () => {
        let findings: Finding[] = [];
        await withData(async (data) => {
          findings = await findingsOf(data, options);
        });
        return findings;
      }, options),
    );
}

async function findingsOf(data: CommandData, options: LiveOptions): Promise<Finding[]> {
  const { config, secrets, store, masterKey } = data;
  const accounts = await store.accounts.list();
  const withoutKeys: string[] = [];
  for (const { sid } of accounts) {
    if ((await store.accounts.listKeys(sid)).length === 0) withoutKeys.push(sid);
  }
  const ofServer = checkProduction({
    config,
    secrets,
    hasTestStock: await store.stock.hasOfNetwork(TEST_NETWORK),
    withoutKeys,
    rotatingSince: (await rotationFigures(store)).since,
    masterKeyId: masterKey.id,
    isPast: (await findPast(store))?.date_resumed === null,
  });
  const isRented = config.rentedSmdp !== undefined;
  return [...ofServer, ...(isRented ? [] : await pkiFindings([], options, data))];
}
