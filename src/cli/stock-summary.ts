import { Command } from 'commander';
import { stockFigures } from '../api/stock-figures.ts';
import type { Forecast } from '../operator/statistics/forecast.ts';
import type { IccidRange } from '../smdp/stock/in-stock.ts';
import type { StockSummary } from '../smdp/stock/stock.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { forecastText } from './forecast-text.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

interface TypeSummary extends StockSummary {
  iccid_ranges: IccidRange[];
  more_iccid_ranges: number;
  threshold: number | null;
  forecast: Forecast;
}

const isLow = ({ available, threshold }: TypeSummary) =>
  available === 0 || (threshold !== null && available < threshold);

const COLUMNS: TableColumn<TypeSummary>[] = [
  { title: 'PROFILE TYPE', value: ({ profile_type }) => profile_type },
  {
    title: 'AVAILABLE',
    value: ({ available }) => available,
    style: (type) => (isLow(type) ? 'red' : undefined),
  },
  { title: 'ORDERED', value: ({ ordered }) => ordered },
  { title: 'IN USE', value: ({ in_use }) => in_use },
  { title: 'UNUSABLE', value: ({ unusable }) => unusable },
  { title: 'TOTAL', value: ({ total }) => total },
  { title: 'THRESHOLD', value: ({ threshold }) => threshold ?? '' },
  { title: 'RUNS OUT', value: (type) => forecastText(type.forecast) },
];

type ShownRange = IccidRange & { profile_type: string };
const RANGE_COLUMNS: TableColumn<ShownRange>[] = [
  { title: 'PROFILE TYPE', value: ({ profile_type }) => profile_type },
  { title: 'FIRST ICCID', value: ({ first }) => first },
  { title: 'LAST ICCID', value: ({ last }) => last },
  { title: 'AVAILABLE', value: ({ available }) => available },
];

/** `simwright stock summary` */
export function stockSummaryCommand(): Command {
  return new Command('summary')
    .description('count the stock by profile type, and say when it runs out')
    .option('--ranges', 'also the ranges of ICCIDs that are available')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nOrdered: assigned to an order, not yet downloaded. In use: downloaded or installed. ' +
        'Unusable: failed or withdrawn. Runs out: at the rate of the last 7 or 14 days, whichever is faster.',
    )
    .addHelpText(
      'after',
      examples(['simwright stock summary'], ['simwright stock summary --ranges']),
    )
    .action(({ account, json, ranges }: AccountOption & JsonOption & { ranges?: true }) =>
      withData(async ({ store, now }) => {
        const accountSid = await chooseAccount(store, account);
        const figures = await stockFigures(accountSid, store, now);
        const types = figures.map(
          ({ summary, ranges: found, threshold, forecast }): TypeSummary => ({
            ...summary,
            ...found,
            threshold: threshold?.threshold ?? null,
            forecast,
          }),
        );
        if (json) return printJson(types);
        printTable(COLUMNS, types, 'The account has no stock; see: simwright stock import --help');
        if (ranges !== true || types.length === 0) return;
        print('\n');
        printTable(
          RANGE_COLUMNS,
          types.flatMap(({ profile_type, iccid_ranges }) =>
            iccid_ranges.map((range) => ({ profile_type, ...range })),
          ),
          'Nothing is available.',
        );
        for (const { profile_type: type, more_iccid_ranges: more } of types) {
          if (more > 0) print(`${type}: ${more} more ranges.\n`);
        }
      }),
    );
}
