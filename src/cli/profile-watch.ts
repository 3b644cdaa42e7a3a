import { Command } from 'commander';
import { pino, stdTimeFunctions } from 'pino';
import { EventFeed } from '../operator/events/event-feed.ts';
import { esimProfileSource } from '../operator/events/event-source.ts';
import { BEGINNING } from '../operator/events/event-tail.ts';
import type { EsimProfileEventRow, EsimProfileStatus } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { causeText, transitionText } from './esim-profile-text.ts';
import { findProfile } from './find-profile.ts';
import { onInterrupt } from './interrupt.ts';
import { accountOption, examples, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print } from './output.ts';
import { paint, styleOfStatus } from './paint.ts';
import { eventRecord } from './records.ts';
import { timeText } from './time-text.ts';
import { EndWith } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  since?: string;
}

/** Number of printed events remembered, to print none twice. */
const REMEMBERED = 10_000;

/** `simwright profile watch` */
export function profileWatchCommand(): Command {
  return new Command('watch')
    .description('print the events of an eSIM Profile, or of all those of the account')
    .argument('[SID]', 'the eSIM Profile; by default, all of the account', parseSid('esimProfile'))
    .addOption(accountOption())
    .option('--since <EV…>', 'the events since this one', parseSid('event'))
    .option('--json', 'print a JSON object a line, for scripts')
    .addHelpText(
      'after',
      '\nFor one profile, it prints the whole history and ends when the profile is installed or has failed ' +
        '(exit code 1).\nFor an account, it prints new events until Ctrl-C. With --since, it begins half a minute ' +
        'before that event,\nbecause events may be recorded late.',
    )
    .addHelpText(
      'after',
      examples(['simwright profile watch HP…'], ['simwright profile watch --json', 'all of them']),
    )
    .action((sid: string | undefined, options: Options) =>
      withData(async (data) => watch(sid, options, data)),
    );
}

async function watch(
  sid: string | undefined,
  options: Options,
  { store, config }: CommandData,
): Promise<void> {
  const accountSid = await chooseAccount(store, options.account);
  const profile = sid === undefined ? undefined : await findProfile(store, accountSid, sid);
  const after = options.since ?? (profile === undefined ? undefined : BEGINNING);
  const signal = onInterrupt();
  const log = pino(
    { level: config.logLevel, base: null, timestamp: stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  const feed = new EventFeed(esimProfileSource(store), log);
  const printed = new Set<string>();
  // A profile that has reached its end has only its history.
  const listening = { after, of: sid, signal };
  const told = isEnd(profile?.status)
    ? feed.history(accountSid, listening)
    : feed.listen(accountSid, listening);
  let status = profile?.status;
  try {
    for await (const events of told) {
      for (const event of events.filter((row) => !printed.has(row.sid))) {
        printed.add(event.sid);
        print(lineOf(event, profile === undefined, options));
      }
      for (const oldest of printed) {
        if (printed.size <= REMEMBERED) break;
        printed.delete(oldest);
      }
      if (profile !== undefined) status = events.at(-1)?.status ?? status;
      if (isEnd(status)) break;
    }
    if (status === 'failed') throw new EndWith(1);
  } finally {
    await feed.close();
  }
}

function isEnd(status: EsimProfileStatus | undefined): boolean {
  return status === 'installed' || status === 'failed';
}

function lineOf(event: EsimProfileEventRow, named: boolean, { json }: JsonOption): string {
  if (json) return `${JSON.stringify(eventRecord(event))}\n`;
  const transition = paint(transitionText(event), styleOfStatus(event.status));
  const name = named ? `${event.esim_profile_sid}  ` : '';
  return `${timeText(event.date_created)}  ${name}${transition}  ${causeText(event)}\n`;
}
