// `simwright backup`
import type { Command } from 'commander';
import { backupCreateCommand, backupShowCommand, backupVerifyCommand } from '../backup.ts';
import { group } from './group.ts';

export const backupGroup = (): Command =>
  group(
    'backup',
    'write the database into a file while the server runs, and look at such files',
    [backupShowCommand(), backupVerifyCommand()],
    ['simwright backup', 'simwright backup verify simwright.backup'],
  ).addCommand(backupCreateCommand(), { isDefault: true });
