// `simwright statistics`
import type { Command } from 'commander';
import { statisticsRecountCommand } from '../statistics-recount.ts';
import { statisticsShowCommand } from '../statistics-show.ts';
import { group } from './group.ts';

export const statisticsGroup = (): Command =>
  group(
    'statistics',
    'what has become of the orders',
    [statisticsShowCommand(), statisticsRecountCommand()],
    ['simwright statistics show --days 7'],
  );
