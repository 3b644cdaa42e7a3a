// The commands of one eUICC package, as JSON: each as `parameters` of an operation shows it.
import type { AskedCommand } from '../eim/ask-operation.ts';
import { ApiError } from './api-error.ts';

const TEXTS = {
  iccid: 'iccid',
  address: 'address',
  smdp_oid: 'smdpOid',
  configuration: 'configuration',
  eim_id: 'eimId',
} as const;
const FLAGS = { rollback: 'rollback', immediate_enable: 'immediateEnable' } as const;

/** Throws `ApiError` 400. What each kind needs is checked with the operation. */
export function commandsIn(json: string): AskedCommand[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw refused('expected JSON');
  }
  if (!Array.isArray(value)) throw refused('expected a list');
  return value.map(commandIn);
}

function commandIn(value: unknown, index: number): AskedCommand {
  const at = `command ${index + 1}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refused(`${at}: expected an object`);
  }
  const { kind, ...members } = value as Record<string, unknown>;
  if (typeof kind !== 'string') throw refused(`${at}: expected kind`);
  const command: Record<string, unknown> = { kind };
  for (const [name, given] of Object.entries(members)) {
    const text = Object.hasOwn(TEXTS, name) ? TEXTS[name as keyof typeof TEXTS] : undefined;
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name as keyof typeof FLAGS] : undefined;
    if (text === undefined && flag === undefined) {
      const known = [...Object.keys(TEXTS), ...Object.keys(FLAGS)].join(', ');
      throw refused(`${at}: ${name} is none of kind, ${known}`);
    }
    const type = text === undefined ? 'boolean' : 'string';
    if (typeof given !== type) throw refused(`${at}: ${name} must be a ${type}`);
    command[text ?? flag!] = given;
  }
  return command as unknown as AskedCommand;
}

const refused = (problem: string) =>
  new ApiError('invalidParameter', `Invalid parameter Commands: ${problem}`);
