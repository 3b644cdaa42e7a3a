// `simwright eim`
import type { Command } from 'commander';
import { eimAskCommand } from '../eim-ask.ts';
import { eimBulkCreateCommand } from '../eim-bulk-create.ts';
import { eimBulkResultCommand } from '../eim-bulk-result.ts';
import {
  eimBulkCancelCommand,
  eimBulkListCommand,
  eimBulkPauseCommand,
  eimBulkResumeCommand,
  eimBulkShowCommand,
  eimBulkWatchCommand,
} from '../eim-bulk.ts';
import {
  eimListCommand,
  eimOnboardingCommand,
  eimRegisterCommand,
  eimRemoveCommand,
  eimShowCommand,
} from '../eim-euiccs.ts';
import {
  eimGroupCreateCommand,
  eimGroupDeleteCommand,
  eimGroupListCommand,
  eimGroupOnboardingCommand,
  eimGroupRenameCommand,
  eimGroupShowCommand,
} from '../eim-groups.ts';
import { eimImportCommand } from '../eim-import.ts';
import {
  eimCancelCommand,
  eimOperationCommand,
  eimOperationsCommand,
  eimPackagesCommand,
  eimRotateKeyCommand,
} from '../eim-operations.ts';
import {
  eimRangeCreateCommand,
  eimRangeDeleteCommand,
  eimRangeListCommand,
  eimRangeOnboardingCommand,
  eimRangeUpdateCommand,
} from '../eim-ranges.ts';
import { eimUpdateCommand } from '../eim-update.ts';
import { eimWatchCommand } from '../eim-watch.ts';
import { group } from './group.ts';

export const eimGroup = (): Command =>
  group(
    'eim',
    'IoT devices: the eUICCs that the eIM manages, and operations on them',
    [
      eimRegisterCommand(),
      eimListCommand(),
      eimShowCommand(),
      eimUpdateCommand(),
      eimOnboardingCommand(),
      eimAskCommand(),
      eimOperationsCommand(),
      eimOperationCommand(),
      eimWatchCommand(),
      eimCancelCommand(),
      eimPackagesCommand(),
      eimRemoveCommand(),
      group(
        'range',
        'EIDs whose eUICCs are registered on first contact',
        [
          eimRangeCreateCommand(),
          eimRangeListCommand(),
          eimRangeUpdateCommand(),
          eimRangeDeleteCommand(),
          eimRangeOnboardingCommand(),
        ],
        ['simwright eim range create 89049032 --limit 500'],
      ),
      eimRotateKeyCommand(),
      eimImportCommand(),
      group(
        'group',
        'groups of eUICCs, such as one for each site',
        [
          eimGroupListCommand(),
          eimGroupShowCommand(),
          eimGroupCreateCommand(),
          eimGroupRenameCommand(),
          eimGroupDeleteCommand(),
          eimGroupOnboardingCommand(),
        ],
        ['simwright eim group list', 'simwright eim group onboarding Berlin --output berlin.zip'],
      ),
      group(
        'bulk',
        'one operation on each of many eUICCs',
        [
          eimBulkCreateCommand(),
          eimBulkListCommand(),
          eimBulkShowCommand(),
          eimBulkWatchCommand(),
          eimBulkResultCommand(),
          eimBulkPauseCommand(),
          eimBulkResumeCommand(),
          eimBulkCancelCommand(),
        ],
        [
          'simwright eim bulk create listProfileInfo --group Berlin --wait',
          'simwright eim bulk watch BO…',
        ],
      ),
    ],
    [
      'simwright eim register 89049032000000000000000000000163 --name "Pump 7"',
      'simwright eim onboarding 89049032000000000000000000000163',
      'simwright profile order --eid 89049032000000000000000000000163',
      'simwright eim ask 89049032000000000000000000000163 listProfileInfo --wait',
    ],
  );
