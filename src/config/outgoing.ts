// What is sent to receivers of others.
import type { SettingsReader } from './reader.ts';

export interface OutgoingConfig {
  /** Whether callbacks, and reports to operators, may go to loopback, private and link-local addresses. */
  callbackPrivateNetworks: boolean;
  /** How long a report to an operator over ES2+ is retried. */
  progressRetryHours: number;
}

export const OUTGOING_SETTINGS = [
  [
    'SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS',
    'on',
    'Send callbacks to loopback and private addresses, and call SM-DP+s there; turn off when you do not trust the tenants.',
  ],
  [
    'SIMWRIGHT_PROGRESS_RETRY_HOURS',
    '24',
    'Hours for which a report of progress to an operator over ES2+ is retried.',
  ],
] as const;

export const parseOutgoing = ({ isOn, integer }: SettingsReader): OutgoingConfig => ({
  callbackPrivateNetworks: isOn('SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS', 'on'),
  progressRetryHours: integer('SIMWRIGHT_PROGRESS_RETRY_HOURS', 24, 0, 24 * 30),
});
