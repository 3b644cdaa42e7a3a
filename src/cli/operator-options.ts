// Options of several commands of `simwright operator`.
import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from './user-error.ts';

export interface OperatorSettings {
  requester?: string;
  progressUrl?: string;
  progressCa?: string;
}

const REQUESTER_LIMIT = 200;

export const requesterOption = () =>
  new Option(
    '--requester <ID>',
    'the only functionRequesterIdentifier that it may use; by default any',
  ).argParser((text) => {
    if (/^\P{Cc}+$/u.test(text) && text.length <= REQUESTER_LIMIT) return text;
    throw new InvalidArgumentError(`Expected 1 to ${REQUESTER_LIMIT} characters.`);
  });

export const progressUrlOption = () =>
  new Option(
    '--progress-url <URL>',
    'where it takes progress reports: https://HOST[:PORT], to which the path of §5.3.5 is added',
  );

export const progressCaOption = () =>
  new Option(
    '--progress-ca <FILE>',
    'PEM of the CAs of that server; by default those that Node trusts',
  );

/** Not while parsing options, because commander would print the URL, which may have a password. Throws `UsageError`. */
export function checkProgressUrl(text: string | undefined): void {
  if (text === undefined) return;
  const url = URL.parse(text);
  const isBare = url?.protocol === 'https:' && `${url.origin}/` === url.href;
  if (!isBare) throw new UsageError('--progress-url: expected https://HOST or https://HOST:PORT');
}

export const overlapOption = (parse: (text: string) => number) =>
  new Option('--overlap-hours <N>', 'how long the certificates before it are still accepted')
    .argParser(parse)
    .default(72);
