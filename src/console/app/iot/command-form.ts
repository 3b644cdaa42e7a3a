// The commands of one eUICC package: which there are, which go together, and how the API has them.
import { KINDS, kindOf } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { problemsIn, startOf } from './operation-form.ts';
import type { Asked } from './operation-form.ts';

/** A command while it is being written. */
export interface CommandForm {
  kind: string;
  asked: Asked;
}

export const MOST_COMMANDS = 16;

/** Commands about eIMs; a package has those alone, or none. */
const OF_EIMS = ['addEim', 'deleteEim', 'updateEim', 'listEim'];
/** Not commands to an eUICC, but what its IPA does, or several. */
const NO_COMMANDS = ['download', 'euiccData', 'package'];
const COMMANDS = KINDS.filter(({ kind }) => !NO_COMMANDS.includes(kind));

/** What the command at a place can be, beside the others. */
export function commandKinds(commands: readonly CommandForm[]): readonly Kind[] {
  const [first, ...others] = commands;
  if (first === undefined || others.length === 0) return COMMANDS;
  return COMMANDS.filter(({ kind }) => OF_EIMS.includes(kind) === OF_EIMS.includes(first.kind));
}

export function newCommand(commands: readonly CommandForm[]): CommandForm {
  const isOfEims = commands[0] !== undefined && OF_EIMS.includes(commands[0].kind);
  return {
    kind: isOfEims ? 'listEim' : commands.length === 0 ? 'disable' : 'enable',
    asked: startOf({}),
  };
}

/** Those of an operation that is asked for again. */
export function commandsOf(parameters: readonly object[]): CommandForm[] {
  return parameters.map((one) => {
    const { kind, ...given } = one as { kind: string };
    return { kind, asked: startOf({ given }) };
  });
}

/** As the API takes them. */
export function commandsJson(commands: readonly CommandForm[]): string {
  return JSON.stringify(
    commands.map(({ kind, asked }) => ({ kind, ...ownOf(kindOf(kind), asked) })),
  );
}

function ownOf({ kind, fields }: Kind, asked: Asked): Record<string, string | boolean | undefined> {
  const all: Record<string, string | boolean | undefined> = {
    Iccid: asked.Iccid.trim(),
    Rollback: asked.Rollback || undefined,
    Address: asked.Address.trim() || (kind === 'setDefaultDpAddress' ? '' : undefined),
    EimId: asked.EimId.trim(),
    Configuration: asked.Configuration.replaceAll(/\s/g, ''),
    SmdpOid: asked.SmdpOid.trim() || undefined,
    ImmediateEnable: asked.ImmediateEnable,
  };
  return Object.fromEntries(fields.map((field) => [API_NAMES[field] ?? field, all[field]]));
}

const API_NAMES: Readonly<Record<string, string>> = {
  Iccid: 'iccid',
  Rollback: 'rollback',
  Address: 'address',
  EimId: 'eim_id',
  Configuration: 'configuration',
  SmdpOid: 'smdp_oid',
  ImmediateEnable: 'immediate_enable',
};

/** What is wrong with a field of a command: "2 Iccid". */
export const problemName = (index: number, field: string) => `${index + 1} ${field}`;

/** Error messages by field. */
export function problemsOfCommands(
  commands: readonly CommandForm[],
): Record<string, string | undefined> {
  if (commands.length === 0) return { Commands: 'Add a command.' };
  return Object.fromEntries(
    commands.flatMap(({ kind, asked }, index) =>
      Object.entries(problemsIn(kindOf(kind), asked, false)).map(([field, text]) => [
        problemName(index, field),
        text,
      ]),
    ),
  );
}
