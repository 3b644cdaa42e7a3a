// The options for what an owner gives an eSIM Profile: its friendly name and its metadata; and the filters by them.
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { ownerFilter, problemOfMetadata } from '../operator/owner-fields.ts';
import type { MetadataChange } from '../operator/owner-fields.ts';
import { parseProfileType } from './options.ts';

export interface OwnerFieldOptions {
  friendlyName?: string;
  /** Empty: none. */
  metadata?: Record<string, string> | '';
}

/** @param removal how a name or key is removed, in words; empty on create */
export const friendlyNameOption = (removal = '') =>
  new Option('--friendly-name <name>', `a name for people${removal}`);

export const metadataOption = (removal = '') =>
  new Option(
    '--metadata <KEY=VALUE>',
    `a value by a key of your own; repeat it for several${removal}`,
  ).argParser(parseMetadataOption);

export const NAME_REMOVAL = "; '' removes it";
export const METADATA_REMOVAL = "; KEY= removes one, '' all";

/** What is given of them. */
export function ownerFieldsOf({ friendlyName, metadata }: OwnerFieldOptions): {
  friendlyName?: string;
  metadata?: MetadataChange;
} {
  return {
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(metadata === undefined ? {} : { metadata: metadata || null }),
  };
}

export interface OwnerFilterOptions {
  profileType?: string;
  friendlyName?: string;
  friendlyNamePrefix?: string;
  metadata?: Record<string, string>;
}

export function addOwnerFilter(command: Command): Command {
  return command
    .option('--profile-type <type>', 'only those of this profile type', parseProfileType)
    .option('--friendly-name <name>', 'only those with exactly this friendly name')
    .option(
      '--friendly-name-prefix <text>',
      'only those whose friendly name begins with this, in any letter case',
    )
    .addOption(metadataFilterOption());
}

/** @param name of the option, where another one is `--metadata` */
export const metadataFilterOption = (name = '--metadata') =>
  new Option(
    `${name} <KEY=VALUE>`,
    'only those with this value; repeat it for several, which must all match',
  ).argParser(parseMetadataOption);

/** The columns and the other conditions. */
export function ownerFilterOf({ profileType, ...given }: OwnerFilterOptions) {
  const { columns, conditions } = ownerFilter(given);
  return { columns: { profile_type: profileType, ...columns }, conditions };
}

function parseMetadataOption(
  text: string,
  before?: OwnerFieldOptions['metadata'],
): OwnerFieldOptions['metadata'] {
  if (before === '' || (text === '' && before !== undefined)) {
    throw new InvalidArgumentError("Give '' alone: it removes all keys.");
  }
  if (text === '') return text;
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`Expected KEY=VALUE; got '${text}'.`);
  const pair = { [text.slice(0, at)]: text.slice(at + 1) };
  const problem = problemOfMetadata(pair);
  if (problem !== undefined) throw new InvalidArgumentError(`Invalid metadata: ${problem}.`);
  return { ...before, ...pair };
}
