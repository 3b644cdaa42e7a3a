// `simwright restore`
import type { Command } from 'commander';
import {
  restoreFromCommand,
  restoreReleaseCommand,
  restoreResumeCommand,
  restoreSinceCommand,
  restoreStatusCommand,
} from '../restore.ts';
import { group } from './group.ts';

export const restoreGroup = (): Command =>
  group(
    'restore',
    'restore a backup, and say what may be given out again',
    [
      restoreStatusCommand(),
      restoreReleaseCommand(),
      restoreResumeCommand(),
      restoreSinceCommand(),
    ],
    ['simwright restore simwright.backup', 'simwright restore status'],
  ).addCommand(restoreFromCommand(), { isDefault: true });
