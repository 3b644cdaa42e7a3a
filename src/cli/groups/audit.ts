// `simwright audit`
import type { Command } from 'commander';
import { auditExportCommand } from '../audit-export.ts';
import { auditListCommand } from '../audit-list.ts';
import { auditShowCommand } from '../audit-show.ts';
import { auditVerifyCommand } from '../audit-verify.ts';
import { group } from './group.ts';

export const auditGroup = (): Command =>
  group(
    'audit',
    'who changed what: a log that is only ever added to, and sealed',
    [auditListCommand(), auditShowCommand(), auditVerifyCommand(), auditExportCommand()],
    ['simwright audit list --actor SK…', 'simwright audit verify'],
  );
