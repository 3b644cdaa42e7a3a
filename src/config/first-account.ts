// What the first start gives an account.
import type { SettingsReader } from './reader.ts';

export interface FirstAccountConfig {
  /** Test subscriptions given to the first account at first start. */
  testStock: number;
}

export const FIRST_ACCOUNT_SETTINGS = [
  [
    'SIMWRIGHT_ACCOUNT_SID',
    'made at first start',
    'SID of an account to create at start if it does not exist.',
  ],
  ['SIMWRIGHT_AUTH_TOKEN', 'made at first start', 'Auth token of that account.'],
  ['SIMWRIGHT_AUTH_TOKEN_FILE', 'none', 'File that holds that token instead, such as a secret.'],
  ['SIMWRIGHT_AUTH_TOKEN_COMMAND', 'none', 'Command that prints that token instead.'],
  ['SIMWRIGHT_TEST_STOCK', '100', 'Test subscriptions at first start; 0 in production.'],
] as const;

export const parseFirstAccount = ({ integer }: SettingsReader): FirstAccountConfig => ({
  testStock: integer('SIMWRIGHT_TEST_STOCK', 100, 0, 1_000_000),
});

export function parseAccountSecret({
  pattern,
  refuse,
}: SettingsReader): { sid: string; authToken: string } | undefined {
  const sid = pattern(
    'SIMWRIGHT_ACCOUNT_SID',
    /^AC[0-9a-f]{32}$/,
    'AC and 32 lower-case hexadecimal digits',
  );
  const authToken = pattern(
    'SIMWRIGHT_AUTH_TOKEN',
    /^[a-zA-Z0-9]{16,128}$/,
    '16 to 128 letters and digits',
  );
  if ((sid === undefined) !== (authToken === undefined)) {
    refuse('SIMWRIGHT_ACCOUNT_SID and SIMWRIGHT_AUTH_TOKEN go together; one is missing');
  }
  return sid && authToken ? { sid, authToken } : undefined;
}
