// The form that asks an eUICC for an operation: its values, checks, and the API's parameters.
import type { Parameters } from '../api.ts';
import { isIccid, withoutSpace } from '../pages/order.ts';
import { KINDS, kindOf } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { startOfCallback } from './callback-fields.tsx';
import type { CallbackChoice } from './callback-fields.tsx';
import type { EuiccOperation } from './types.ts';

export interface Asked {
  Iccid: string;
  Rollback: boolean;
  /** Where a download begins. */
  from: 'code' | 'default' | 'smds';
  ActivationCode: string;
  SmdsAddress: string;
  ConfirmationCode: string;
  Enable: boolean;
  Address: string;
  EimId: string;
  Configuration: string;
  ImmediateEnable: boolean;
  SmdpOid: string;
  /** Of a package. */
  Commands: readonly CommandForm[];
  callback: CallbackChoice;
  /** That the eUICC is to forget this eIM. */
  isSure: boolean;
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** @param given parameters of an operation, or of a command, to begin with */
export function startOf({
  iccid,
  given = {},
  isNew = Object.keys(given).length === 0,
}: {
  iccid?: string | undefined;
  given?: EuiccOperation['parameters'];
  isNew?: boolean;
}): Asked {
  const code = text(given['activation_code']);
  return {
    Iccid: iccid ?? text(given['iccid']),
    Rollback: given['rollback'] === true,
    from:
      given['contact_default_smdp'] === true
        ? 'default'
        : given['contact_smds'] === true
          ? 'smds'
          : 'code',
    ActivationCode: code === '' ? '' : `LPA:${code}`,
    SmdsAddress: text(given['smds_address']),
    ConfirmationCode: '',
    Enable: isNew || given['enable'] === true,
    Address: text(given['address']),
    EimId: text(given['eim_id']),
    Configuration: text(given['configuration']),
    ImmediateEnable: isNew || given['immediate_enable'] === true,
    SmdpOid: text(given['smdp_oid']),
    Commands: Array.isArray(given['commands']) ? commandsOf(given['commands']) : [],
    callback: startOfCallback(),
    isSure: false,
  };
}

/** What those fields say that the kind has. */
export function parametersFor({ kind, fields }: Kind, asked: Asked): Parameters {
  const all: Parameters = {
    Iccid: asked.Iccid.trim(),
    ActivationCode: asked.ActivationCode.trim(),
    Address: asked.Address.trim(),
    EimId: asked.EimId.trim(),
    Configuration: asked.Configuration.replaceAll(/\s/g, ''),
    SmdpOid: asked.SmdpOid.trim() || undefined,
    Commands: commandsJson(asked.Commands),
    ImmediateEnable: String(asked.ImmediateEnable),
    Enable: asked.Enable ? 'true' : undefined,
    Rollback: asked.Rollback && (asked.Enable || !fields.includes('Enable')) ? 'true' : undefined,
  };
  // Empty: it shall have none. Only of this kind.
  if (kind !== 'setDefaultDpAddress') all['Address'] ||= undefined;
  const own = Object.fromEntries(fields.map((field) => [field, all[field]]));
  return kind === 'download' ? { ...own, ...sourceOf(asked) } : own;
}

function sourceOf({ from, ActivationCode, SmdsAddress, ConfirmationCode }: Asked): Parameters {
  return {
    ActivationCode: from === 'code' ? ActivationCode.trim() : undefined,
    ContactDefaultSmdp: from === 'default' ? 'true' : undefined,
    ContactSmds: from === 'smds' ? 'true' : undefined,
    SmdsAddress: (from === 'smds' && SmdsAddress.trim()) || undefined,
    ConfirmationCode: ConfirmationCode || undefined,
  };
}

/** Error messages by field. */
export function problemsIn(
  { fields }: Kind,
  asked: Asked,
  isLeaving: boolean,
): Record<string, string | undefined> {
  const problems: Record<string, string | undefined> = {
    Iccid: isIccid(withoutSpace(asked.Iccid)) ? undefined : 'Choose a profile by its ICCID.',
    ActivationCode:
      asked.from !== 'code' || /^(LPA:)?1\$[^$]+\$/i.test(asked.ActivationCode.trim())
        ? undefined
        : 'Enter an activation code, such as LPA:1$smdp.example.com$MATCHING-ID',
    EimId: asked.EimId.trim() === '' ? 'Enter the eimId.' : undefined,
    Configuration:
      asked.Configuration.trim() === '' ? 'Choose the file, or paste its base64.' : undefined,
  };
  return {
    ...Object.fromEntries(fields.map((field) => [field, problems[field]])),
    ...(fields.includes('Commands') ? problemsOfCommands(asked.Commands) : {}),
    ...(isLeaving && !asked.isSure ? { isSure: 'Tick this if it is what you want.' } : {}),
  };
}

/** Whether the eUICC is to forget this very eIM. @param ours its eimId */
export function isLeft({ kind }: Kind, asked: Asked, ours: string | undefined): boolean {
  if (ours === undefined) return false;
  const forgets = (one: string, { EimId }: Asked) => one === 'deleteEim' && EimId.trim() === ours;
  return (
    forgets(kind, asked) ||
    (kind === 'package' && asked.Commands.some((command) => forgets(command.kind, command.asked)))
  );
}

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
      Object.entries(problemsIn(kindOf(kind), asked, false)).map(([field, problem]) => [
        problemName(index, field),
        problem,
      ]),
    ),
  );
}
