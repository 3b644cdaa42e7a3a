// `simwright pki`
import type { Command } from 'commander';
import { pkiCheckCommand } from '../pki-check.ts';
import {
  pkiCrlAddCommand,
  pkiCrlFetchCommand,
  pkiCrlImportCommand,
  pkiCrlListCommand,
  pkiCrlRemoveCommand,
} from '../pki-crl.ts';
import { pkiExportCommand } from '../pki-export.ts';
import { pkiImportCommand } from '../pki-import.ts';
import { pkiRemoveCommand } from '../pki-remove.ts';
import { pkiShowCommand } from '../pki-show.ts';
import { group } from './group.ts';

export const pkiGroup = (): Command =>
  group(
    'pki',
    'the certificates of the SM-DP+ and of the CIs it trusts',
    [
      pkiShowCommand(),
      pkiCheckCommand(),
      pkiExportCommand(),
      pkiImportCommand(),
      pkiRemoveCommand(),
      group(
        'crl',
        'the CRLs of the CAs that are trusted, and from where they are fetched',
        [pkiCrlFetchCommand(), pkiCrlImportCommand(), pkiCrlAddCommand(), pkiCrlRemoveCommand()],
        ['simwright pki crl list', 'simwright pki crl fetch'],
      ).addCommand(pkiCrlListCommand(), { isDefault: true }),
    ],
    ['simwright pki show'],
  );
