// `simwright callback`
import type { Command } from 'commander';
import { callbackListCommand } from '../callback-list.ts';
import { callbackRehearseCommand } from '../callback-rehearse.ts';
import { callbackRetryCommand } from '../callback-retry.ts';
import { callbackShowCommand } from '../callback-show.ts';
import { callbackTestCommand } from '../callback-test.ts';
import { group } from './group.ts';

export const callbackGroup = (): Command =>
  group(
    'callback',
    'callbacks and their delivery',
    [
      callbackListCommand(),
      callbackShowCommand(),
      callbackRetryCommand(),
      callbackTestCommand(),
      callbackRehearseCommand(),
    ],
    ['simwright callback list --state failed', 'simwright callback retry --failed'],
  );
