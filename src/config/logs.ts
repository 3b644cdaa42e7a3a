// What is logged, and for how long it is kept.
import { MOST_DAYS } from './reader.ts';
import type { SettingsReader } from './reader.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface LogConfig {
  logLevel: (typeof LOG_LEVELS)[number];
  /** Days after which an entry of the RSP log is deleted; undefined: never. */
  logRetentionDays: number | undefined;
  /** For how long the audit log is kept. */
  auditRetentionDays: number;
}

export const LOG_SETTINGS = [
  ['SIMWRIGHT_LOG_RETENTION_DAYS', 'off', 'Days for which the RSP log is kept; off: forever.'],
  ['SIMWRIGHT_AUDIT_RETENTION_DAYS', '3650', 'Days for which the audit log is kept, at least 30.'],
  ['SIMWRIGHT_LOG_LEVEL', 'info', `How much to log: ${LOG_LEVELS.join(', ')}.`],
] as const;

/** Nobody should lose it by a slip. */
const LEAST_AUDIT_DAYS = 30;

export const parseLogs = ({ oneOf, integer, daysOrOff }: SettingsReader): LogConfig => ({
  logLevel: oneOf('SIMWRIGHT_LOG_LEVEL', LOG_LEVELS, 'info'),
  logRetentionDays: daysOrOff('SIMWRIGHT_LOG_RETENTION_DAYS'),
  auditRetentionDays: integer('SIMWRIGHT_AUDIT_RETENTION_DAYS', 3_650, LEAST_AUDIT_DAYS, MOST_DAYS),
});
