// `simwright template`
import type { Command } from 'commander';
import { templateImportCommand } from '../template-import.ts';
import { templateListCommand } from '../template-list.ts';
import { templateShowCommand } from '../template-show.ts';
import { group } from './group.ts';

export const templateGroup = (): Command =>
  group(
    'template',
    'the templates for profile packages',
    [templateImportCommand(), templateListCommand(), templateShowCommand()],
    ['simwright template import fleet.der --profile-type fleet'],
  );
