import { Command } from 'commander';
import { shortKeyId } from '../process/keys.ts';
import type { KeyHolderRow } from '../store/schema.ts';
import { liveHolders } from '../rotation/holders.ts';
import { findProgress } from '../rotation/reseal.ts';
import { currentRing } from '../rotation/rotate.ts';
import { withData } from './data.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

interface Key {
  id: string;
  state: 'seals' | 'next' | 'replaced';
  since: string | null;
  until: string | null;
  /** Whether the settings of this command give it. */
  is_given: boolean;
}

const KEYS: TableColumn<Key>[] = [
  { title: 'MASTER KEY', value: ({ id }) => id },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'SINCE', value: ({ since }) => since },
  { title: 'UNTIL', value: ({ until }) => until },
  { title: 'GIVEN', value: ({ is_given }) => (is_given ? 'yes' : 'no') },
];

const SERVERS: TableColumn<KeyHolderRow>[] = [
  { title: 'SERVER', value: ({ process: name }) => name },
  { title: 'SEALS WITH', value: ({ seals_with: id }) => shortKeyId(id) },
  {
    title: 'HAS',
    flexible: true,
    value: ({ key_ids }) => key_ids.split(' ').map(shortKeyId).join(' '),
  },
  { title: 'SEEN', value: ({ date_seen }) => date_seen },
];

/** `simwright key status` */
export function keyStatusCommand(): Command {
  return new Command('status')
    .description('which master keys there are, who has them, and how far a rotation is')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nNo key is shown, only ids that are made from them. GIVEN: by the settings of this command.',
    )
    .addHelpText('after', examples(['simwright key status']))
    .action(({ json }: JsonOption) =>
      withData(async ({ store, masterKey }) => {
        const { keys: ring, next, resealing } = await currentRing({ store, masterKey });
        const { given } = masterKey;
        const keys = ring.map(({ id, since, until }, index): Key => {
          const state = index === ring.length - 1 ? 'seals' : 'replaced';
          return { id, state, since, until, is_given: given.includes(id) };
        });
        if (next !== undefined) {
          const { id, since } = next;
          keys.push({ id, state: 'next', since, until: null, is_given: given.includes(id) });
        }
        const servers = await liveHolders(store);
        const progress = await findProgress(store);
        if (json) {
          return printJson({
            keys,
            servers: servers.map(({ key_ids, id: _id, ...server }) => ({
              ...server,
              key_ids: key_ids.split(' '),
            })),
            rotating_since: next?.since ?? resealing?.since ?? null,
            progress:
              resealing === undefined || progress === undefined
                ? null
                : {
                    pass: progress.pass,
                    table: progress.table,
                    seen: progress.seen,
                    rows: progress.rows,
                  },
          });
        }
        printTable(KEYS, keys, '');
        print('\n');
        printTable(SERVERS, servers, 'No server is running');
        if (next === undefined && resealing === undefined) return;
        const { pass = 1, seen = 0, rows = 0 } = progress ?? {};
        print(
          next === undefined
            ? `\nSealing anew since ${resealing!.since}: pass ${pass}, ${seen.toLocaleString('en')} of ${rows.toLocaleString('en')} rows\n`
            : `\nThe next key waits until every server has it, since ${next.since}\n`,
        );
        print('If no command is at it, simwright key rotate goes on\n');
      }),
    );
}
