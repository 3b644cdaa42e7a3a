// `simwright stock`
import type { Command } from 'commander';
import { stockGenerateCommand } from '../stock-generate.ts';
import { stockImportCommand } from '../stock-import.ts';
import { stockListCommand } from '../stock-list.ts';
import { stockSummaryCommand } from '../stock-summary.ts';
import { stockThresholdCommand } from '../stock-threshold.ts';
import { group } from './group.ts';

export const stockGroup = (): Command =>
  group(
    'stock',
    'the subscriptions from which orders are filled',
    [
      stockImportCommand(),
      stockGenerateCommand(),
      stockSummaryCommand(),
      stockThresholdCommand(),
      stockListCommand(),
    ],
    ['simwright stock import subscriptions.csv --dry-run', 'simwright stock summary'],
  );
