// `simwright key`
import type { Command } from 'commander';
import { keyCreateCommand } from '../key-create.ts';
import { keyListCommand } from '../key-list.ts';
import { keyRevokeCommand } from '../key-revoke.ts';
import { keyRotateCommand } from '../key-rotate.ts';
import { keyStatusCommand } from '../key-status.ts';
import { group } from './group.ts';

export const keyGroup = (): Command =>
  group(
    'key',
    'the API keys of an account, and the master key of the server',
    [
      keyCreateCommand(),
      keyListCommand(),
      keyRevokeCommand(),
      keyRotateCommand(),
      keyStatusCommand(),
    ],
    ['simwright key create --name dashboard --read-only', 'simwright key rotate'],
  );
