// `simwright data`
import type { Command } from 'commander';
import { dataUsageCommand } from '../data-usage.ts';
import { group } from './group.ts';

export const dataGroup = (): Command =>
  group(
    'data',
    'what the database holds, and for how long',
    [dataUsageCommand()],
    ['simwright data usage'],
  );
