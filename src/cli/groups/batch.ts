// `simwright batch`
import type { Command } from 'commander';
import { batchCancelCommand } from '../batch-cancel.ts';
import { batchCreateCommand } from '../batch-create.ts';
import { batchListCommand } from '../batch-list.ts';
import { batchResultCommand } from '../batch-result.ts';
import { batchShowCommand } from '../batch-show.ts';
import { batchWatchCommand } from '../batch-watch.ts';
import { group } from './group.ts';

export const batchGroup = (): Command =>
  group(
    'batch',
    'order many eSIM Profiles at once',
    [
      batchCreateCommand(),
      batchListCommand(),
      batchShowCommand(),
      batchWatchCommand(),
      batchResultCommand(),
      batchCancelCommand(),
    ],
    [
      'simwright batch create --count 1000 --matching-id --wait',
      'simwright batch create devices.csv --dry-run',
      'simwright batch result BT… --output result.csv',
    ],
  );
