// `simwright operator`
import type { Command } from 'commander';
import {
  operatorCaImportCommand,
  operatorCaListCommand,
  operatorCaRemoveCommand,
} from '../operator-ca.ts';
import { operatorCreateCommand } from '../operator-create.ts';
import { operatorListCommand } from '../operator-list.ts';
import { operatorProgressListCommand } from '../operator-progress-list.ts';
import { operatorProgressRetryCommand } from '../operator-progress-retry.ts';
import { operatorProgressShowCommand } from '../operator-progress-show.ts';
import { operatorRevokeCommand } from '../operator-revoke.ts';
import { operatorRotateCommand } from '../operator-rotate.ts';
import { operatorShowCommand } from '../operator-show.ts';
import { operatorUpdateCommand } from '../operator-update.ts';
import { group } from './group.ts';

export const operatorGroup = (): Command =>
  group(
    'operator',
    'operators that order over ES2+, and their certificates',
    [
      operatorCreateCommand(),
      operatorListCommand(),
      operatorShowCommand(),
      operatorUpdateCommand(),
      operatorRotateCommand(),
      operatorRevokeCommand(),
      group(
        'progress',
        'what operators were told of their profiles (§5.3.5), and sending it again',
        [operatorProgressShowCommand(), operatorProgressRetryCommand()],
        [
          'simwright operator progress --state failed',
          'simwright operator progress retry --unsent',
        ],
      ).addCommand(operatorProgressListCommand(), { isDefault: true }),
      group(
        'ca',
        'the CAs whose certificates operators may use, and their CRLs',
        [operatorCaImportCommand(), operatorCaListCommand(), operatorCaRemoveCommand()],
        ['simwright operator ca import mno-ca.pem', 'simwright operator ca list'],
      ),
    ],
    ["simwright operator create --name 'Example Mobile'", 'simwright operator list'],
  );
