// `simwright sim`
import type { Command } from 'commander';
import { simListCommand } from '../sim-list.ts';
import { simShowCommand } from '../sim-show.ts';
import { simUpdateCommand } from '../sim-update.ts';
import { group } from './group.ts';

export const simGroup = (): Command =>
  group(
    'sim',
    'Sims, the subscriptions in eSIM Profiles',
    [simListCommand(), simShowCommand(), simUpdateCommand()],
    ['simwright sim list --iccid 8988…', 'simwright sim update HS… --status active'],
  );
