import { Command, Option } from 'commander';
import { forecastStock } from '../api/stock-figures.ts';
import { callbacksOwed } from '../operator/statistics/callbacks-owed.ts';
import { MOST } from '../operator/statistics/periods.ts';
import { statisticsOf } from '../operator/statistics/statistics.ts';
import type { Statistics } from '../operator/statistics/statistics.ts';
import { findDeviceModels } from '../smdp/download/device-models.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { forecastText } from './forecast-text.ts';
import { accountOption, examples, jsonOption, parseCount } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { paint } from './paint.ts';

interface Options extends AccountOption, JsonOption {
  days: number;
  hours?: number;
}

/** `simwright statistics show` */
export function statisticsShowCommand(): Command {
  return new Command('show')
    .description('count orders by status, now and over time, and why others failed')
    .addOption(accountOption())
    .addOption(
      new Option('--days <N>', 'the last N days (UTC)').default(30).argParser(parseCount(MOST.day)),
    )
    .addOption(
      new Option('--hours <N>', 'the last N hours instead').argParser(parseCount(MOST.hour)),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe same as GET /v1/Statistics; docs/dashboard.md says what each figure means. Models of devices are their TACs, as the devices gave them.',
    )
    .addHelpText(
      'after',
      examples(['simwright statistics show'], ['simwright statistics show --hours 24 --json']),
    )
    .action(({ account, days, hours, json }: Options) =>
      withData(async ({ store, now, config }) => {
        const accountSid = await chooseAccount(store, account);
        const asked =
          hours === undefined
            ? ({ interval: 'day', intervals: days } as const)
            : ({ interval: 'hour', intervals: hours } as const);
        const statistics = await statisticsOf(accountSid, asked, store, findDeviceModels);
        const callbacks = await callbacksOwed(accountSid, store);
        const stock = await forecastStock(accountSid, store, now);
        if (json) return printJson({ account_sid: accountSid, ...statistics, callbacks, stock });
        printStatistics(statistics);
        const owed = callbacks.more ? ' (counted up to 10,000)' : '';
        print(`Callbacks: ${callbacks.pending} pending, ${callbacks.failed} failed${owed}\n\n`);
        print(`${paint('Stock', 'bold')}\n`);
        printTable(
          [
            { title: 'PROFILE TYPE', value: ({ profile_type }) => profile_type },
            { title: 'AVAILABLE', value: ({ available }) => available },
            { title: 'FORECAST', value: (type) => forecastText(type.forecast) },
          ],
          stock,
          config.rentedSmdp === undefined
            ? 'The account has no stock.'
            : 'The rented SM-DP+ has it.',
        );
      }),
    );
}

function printStatistics(statistics: Statistics): void {
  const { esim_profiles: current, intervals, installations, failures, devices } = statistics;
  const statuses = Object.keys(current) as (keyof typeof current)[];
  if (statistics.date_counted !== null) {
    print(`Events are being counted; so far up to ${statistics.date_counted}.\n\n`);
  }
  print(
    `${paint(`eSIM Profiles by status, now and as they got there since ${statistics.date_start}`, 'bold')}\n`,
  );
  printTable(
    [
      { title: 'STATUS', value: ({ status }) => status },
      { title: 'NOW', value: ({ now }) => now },
      { title: 'REACHED', value: ({ reached }) => reached },
    ],
    statuses.map((status) => ({
      status,
      now: current[status],
      reached: intervals.reduce((sum, { entered }) => sum + entered[status], 0),
    })),
    '',
  );
  const { available, installed, failed, seconds } = installations;
  print(
    `\nOf ${available} that became available, ${installed} were installed, and ${failed} failed or were cancelled.\n`,
  );
  if (installed > 0) {
    print(`Time until installed: half ${upTo(seconds.median)}, 90 % ${upTo(seconds.p90)}.\n`);
  }
  print(`\n${paint('Failures', 'bold')}\n`);
  printTable(
    [
      { title: 'CODE', value: ({ error_code }) => error_code },
      { title: 'STAGE', value: ({ stage }) => stage },
      { title: 'COUNT', value: ({ count }) => count },
      { title: 'ERROR', value: ({ error }) => error ?? '' },
    ],
    failures.reasons,
    'None.',
  );
  print(`\n${paint('Downloads by model of the device (TAC)', 'bold')}\n`);
  printTable(
    [
      { title: 'TAC', value: ({ tac }) => tac ?? 'unknown' },
      { title: 'INSTALLED', value: ({ installed: count }) => count },
      { title: 'FAILED', value: ({ failed: count }) => count },
      { title: 'MOSTLY', value: ({ reasons: [first] }) => first?.error ?? first?.error_code ?? '' },
    ],
    devices,
    'None.',
  );
  print('\n');
}

const upTo = (seconds: number | null) =>
  seconds === null ? 'more than 30 days' : `within ${seconds} s`;
