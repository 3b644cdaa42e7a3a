// `simwright brand`
import type { Command } from 'commander';
import { brandSetCommand } from '../brand-set.ts';
import { brandShowCommand } from '../brand-show.ts';
import { group } from './group.ts';

export const brandGroup = (): Command =>
  group(
    'brand',
    'how install pages look: name, colour, logo, whom to ask',
    [brandShowCommand(), brandSetCommand()],
    ["simwright brand set --name 'Example Mobile' --logo logo.png"],
  );
