// `simwright eim watch`: what happens to eUICCs, and to operations on them.
import { Command } from 'commander';
import { pino, stdTimeFunctions } from 'pino';
import { renderEuiccEvent } from '../eim/tell.ts';
import { EventFeed } from '../operator/events/event-feed.ts';
import { euiccSource } from '../operator/events/event-source.ts';
import { BEGINNING } from '../operator/events/event-tail.ts';
import type { EuiccEventRow } from '../store/schema.ts';
import { euiccNamed, withEim } from './eim-data.ts';
import type { EimData } from './eim-data.ts';
import { onInterrupt } from './interrupt.ts';
import { accountOption, examples, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print } from './output.ts';
import { paint, styleOfStatus } from './paint.ts';
import { timeText } from './time-text.ts';
import { EndWith, UserError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  since?: string;
}

/** Number of printed events remembered, to print none twice. */
const REMEMBERED = 10_000;

/** `simwright eim watch` */
export function eimWatchCommand(): Command {
  return new Command('watch')
    .description('print the events of eUICCs, or follow one operation until it has ended')
    .argument('[EUICC]', 'its EID, or its SID (EU…); by default, all of the account')
    .argument('[OPERATION]', 'only this operation (EO…)', parseSid('eimOperation'))
    .addOption(accountOption())
    .option('--since <EV…>', 'the events since this one', parseSid('event'))
    .option('--json', 'print a JSON object a line, for scripts')
    .addHelpText(
      'after',
      '\nFor one operation, it prints the whole history and ends when the operation has (exit code 1 if it is not completed).\n' +
        'Else it prints new events until Ctrl-C. With --since, it begins half a minute before that event, because events may be\n' +
        'recorded late.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright eim watch'],
        ['simwright eim watch 89049032000000000000000000000163 EO…'],
        ['simwright eim watch --json', 'all of them'],
      ),
    )
    .action((name: string | undefined, operation: string | undefined, options: Options) =>
      withEim(options, (eim) => watch(name, operation, options, eim)),
    );
}

/** @param sid of an operation: then until it has ended. Throws `UserError`, `EndWith` */
export async function watch(
  name: string | undefined,
  sid: string | undefined,
  { since, json }: Pick<Options, 'since' | 'json'>,
  eim: EimData,
): Promise<void> {
  const { accountSid, data } = eim;
  const { store, config } = data;
  const euicc = name === undefined ? undefined : await euiccNamed(name, eim);
  const operation = sid === undefined ? undefined : await store.eimOperations.find(euicc!.eid, sid);
  if (sid !== undefined && operation === undefined) {
    throw new UserError(`There is no operation ${sid} on ${euicc!.eid}`);
  }
  const after = since ?? (sid === undefined ? undefined : BEGINNING);
  const log = pino(
    { level: config.logLevel, base: null, timestamp: stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  const feed = new EventFeed(euiccSource(store), log);
  const listening = { after, of: euicc?.sid, signal: onInterrupt() };
  const hasEnded = operation !== undefined && operation.date_ended !== null;
  const told = hasEnded ? feed.history(accountSid, listening) : feed.listen(accountSid, listening);
  const printed = new Set<string>();
  let status = operation?.status;
  try {
    for await (const events of told) {
      for (const event of events) {
        if (printed.has(event.sid)) continue;
        if (sid !== undefined && event.operation_sid !== sid) continue;
        printed.add(event.sid);
        print(json ? `${renderEuiccEvent(event)}\n` : lineOf(event, euicc === undefined));
        if (sid !== undefined) status = event.status as typeof status;
      }
      for (const oldest of printed) {
        if (printed.size <= REMEMBERED) break;
        printed.delete(oldest);
      }
      if (sid !== undefined && isEnd(status)) break;
    }
  } finally {
    await feed.close();
  }
  if (isEnd(status) && status !== 'completed') throw new EndWith(1);
}

const isEnd = (status: string | undefined) =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

const CHANGED = {
  date_seen: 'polled for the first time',
  attempt: 'an attempt has failed',
} as const;

function lineOf(event: EuiccEventRow, isNamed: boolean): string {
  const { status, previous_status: previous, changed } = event;
  const transition =
    changed !== null ? CHANGED[changed] : previous === null ? status : `${previous} → ${status}`;
  const parts = [
    timeText(event.date_created),
    ...(isNamed ? [event.eid] : []),
    ...(event.operation_sid === null ? [] : [event.operation_sid, event.kind ?? '']),
    paint(transition, styleOfStatus(status)),
    ...(event.error_code === null ? [] : [event.error_code]),
  ];
  return `${parts.join('  ')}\n`;
}
