// The form that asks an eUICC for an operation: its values, checks, and the API's parameters.
import type { Parameters } from '../api.ts';
import { isIccid, withoutSpace } from '../pages/order.ts';
import type { Kind } from './kinds.ts';
import { startOfCallback } from './callback-fields.tsx';
import type { CallbackChoice } from './callback-fields.tsx';
import { commandsJson, commandsOf, problemsOfCommands } from './command-form.ts';
import type { CommandForm } from './command-form.ts';
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
