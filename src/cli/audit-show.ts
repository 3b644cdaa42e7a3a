import { Command } from 'commander';
import { parseEntry } from '../audit/entry.ts';
import type { Change, Fields } from '../audit/entry.ts';
import { withData } from './data.ts';
import { examples, jsonOption, parseSid } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { renderFields } from './table.ts';
import type { TableColumn } from './table.ts';
import { UserError } from './user-error.ts';

interface Difference {
  name: string;
  before: string | null;
  after: string | null;
}

const COLUMNS: TableColumn<Difference>[] = [
  { title: 'FIELD', value: ({ name }) => name },
  { title: 'BEFORE', value: ({ before }) => before },
  { title: 'AFTER', value: ({ after }) => after },
];

/** `simwright audit show` */
export function auditShowCommand(): Command {
  return new Command('show')
    .description('show an entry: who, when, from where, and what was before and after')
    .argument('<SID>', 'the entry', parseSid('auditEntry'))
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright audit show AE…']))
    .action((sid: string, { json }: JsonOption) =>
      withData(async ({ store }) => {
        const row = await store.auditLog.findAny(sid);
        if (row === undefined) throw new UserError(`There is no entry ${sid}`);
        const entry = parseEntry(row);
        if (json) return printJson(entry);
        const { date, operation, outcome, account_sid, address, changes, actor } = entry;
        const scope = 'scope' in actor ? actor.scope : null;
        const head = await store.auditLog.head();
        print(
          renderFields([
            ['SID', sid],
            ['Time', date],
            ['Operation', operation],
            ['Outcome', outcome],
            ['Account', account_sid],
            ['Actor', `${row.actor} (${actor.type})`],
            ['Scope', scope],
            ['Address', address ?? null],
            ['Sealed', head !== undefined && sid <= head.last_sid ? 'yes' : 'not yet'],
          ]),
        );
        for (const change of changes) {
          print(
            `\n${change.subject}${change.request_id ? `, request ${change.request_id}` : ''}\n`,
          );
          printTable(COLUMNS, differencesOf(change), 'nothing more is known');
        }
      }),
    );
}

function differencesOf({ before = {}, after = {} }: Change): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.map((name) => ({ name, before: shown(before, name), after: shown(after, name) }));
}

function shown(fields: Fields, name: string): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
