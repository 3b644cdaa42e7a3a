// What an eUICC can be asked for, in plain words, and what its form needs.
import type { EuiccOperation } from './types.ts';

export type KindField =
  | 'Iccid'
  | 'Rollback'
  | 'ActivationCode'
  | 'Enable'
  | 'Address'
  | 'EimId'
  | 'Configuration'
  | 'ImmediateEnable'
  | 'SmdpOid'
  | 'Commands';

export interface Kind {
  /** As the API has it. */
  kind: string;
  title: string;
  /** What it does. */
  about: string;
  /** What can go wrong for good, before it is asked for. */
  danger?: string;
  fields: readonly KindField[];
}

export const KINDS: readonly Kind[] = [
  {
    kind: 'enable',
    title: 'Enable a profile',
    about: 'The device uses this profile from then on. The one that is enabled now is disabled.',
    fields: ['Iccid', 'Rollback'],
  },
  {
    kind: 'disable',
    title: 'Disable a profile',
    about: 'The device stops using this profile.',
    danger:
      'A device without an enabled profile has no mobile connection, so it cannot be told to enable another one.',
    fields: ['Iccid'],
  },
  {
    kind: 'download',
    title: 'Download a profile',
    about: 'The device downloads it through the eIM.',
    fields: ['ActivationCode', 'Enable', 'Rollback'],
  },
  {
    kind: 'listProfileInfo',
    title: 'List its profiles',
    about: 'The eUICC tells what is on it, which this page then shows.',
    fields: [],
  },
  {
    kind: 'setFallbackAttribute',
    title: 'Set the fallback profile',
    about: 'The device goes back to this profile when it has no connection with another one.',
    fields: ['Iccid'],
  },
  {
    kind: 'unsetFallbackAttribute',
    title: 'Unset the fallback profile',
    about: 'The device falls back to no profile any more.',
    fields: [],
  },
  {
    kind: 'setDefaultDpAddress',
    title: 'Set its default SM-DP+',
    about: 'Where the eUICC asks for profiles when nobody tells it. Empty: nowhere.',
    fields: ['Address'],
  },
  {
    kind: 'configureImmediateEnable',
    title: 'Configure immediate enabling',
    about:
      'Whether the device enables a profile right after it has installed it, without the eIM; and of which SM-DP+ alone.',
    fields: ['ImmediateEnable', 'Address', 'SmdpOid'],
  },
  {
    kind: 'getRAT',
    title: 'Ask for its rules',
    about: 'The eUICC tells which policy rules of profiles it allows, and to whom.',
    fields: [],
  },
  {
    kind: 'euiccData',
    title: 'Ask for its data again',
    about: 'The IPA tells the certificates, the association token and the capabilities.',
    fields: [],
  },
  {
    kind: 'listEim',
    title: 'List its eIMs',
    about: 'The eUICC tells which eIMs it obeys.',
    fields: [],
  },
  {
    kind: 'updateEim',
    title: 'Move it to our newest key',
    about: 'The eUICC trusts the newest key of this eIM from then on.',
    fields: [],
  },
  {
    kind: 'addEim',
    title: 'Let another eIM command it',
    about: 'The eUICC obeys that eIM as well.',
    danger: 'That eIM can enable, disable and delete every profile, and make the eUICC forget us.',
    fields: ['Configuration'],
  },
  {
    kind: 'deleteEim',
    title: 'Make it forget an eIM',
    about: 'The eUICC obeys that eIM no longer.',
    danger:
      'If it forgets ours, nothing can be done from here any more. Without another eIM, somebody has to go to the device.',
    fields: ['EimId'],
  },
  {
    kind: 'delete',
    title: 'Delete a profile',
    about: 'The profile is removed from the eUICC. It has to be disabled first.',
    danger: 'It cannot be brought back: it takes a new order to release the subscription again.',
    fields: ['Iccid'],
  },
  {
    kind: 'package',
    title: 'Send several commands in one package',
    about:
      'The eUICC executes them in their order, signs one result, and stops at the first that fails. What was done before stays done.',
    danger: 'Commands that cannot be undone alone, such as delete, cannot be undone here either.',
    fields: ['Commands'],
  },
];

export const kindOf = (kind: string): Kind =>
  KINDS.find((one) => one.kind === kind) ?? { kind, title: kind, about: '', fields: [] };

/** "Enable 8988…0014" */
export function operationInWords({
  kind,
  parameters,
}: Pick<EuiccOperation, 'kind' | 'parameters'>): string {
  const { iccid, eim_id: eimId, address } = parameters;
  const of = [iccid, eimId, address].find((value) => typeof value === 'string');
  const words = WORDS[kind] ?? kindOf(kind).title;
  return of === undefined || of === '' ? words : `${words} ${of}`;
}

const WORDS: Record<string, string> = {
  enable: 'Enable',
  disable: 'Disable',
  delete: 'Delete',
  download: 'Download a profile',
  setFallbackAttribute: 'Set as fallback',
  setDefaultDpAddress: 'Set the default SM-DP+',
  euiccData: 'Ask for its data',
  addEim: 'Add the eIM',
  deleteEim: 'Forget the eIM',
};
