// `simwright account`
import type { Command } from 'commander';
import { accountCallbackSecretCommand } from '../account-callback-secret.ts';
import { accountCreateCommand } from '../account-create.ts';
import { accountListCommand } from '../account-list.ts';
import { accountRotateTokenCommand } from '../account-rotate-token.ts';
import { accountShowCommand } from '../account-show.ts';
import { accountUpdateCommand } from '../account-update.ts';
import { group } from './group.ts';

export const accountGroup = (): Command =>
  group(
    'account',
    'the accounts and their auth tokens',
    [
      accountCreateCommand(),
      accountListCommand(),
      accountShowCommand(),
      accountUpdateCommand(),
      accountRotateTokenCommand(),
      accountCallbackSecretCommand(),
    ],
    ["simwright account create --name 'Lab 2'"],
  );
