// What orders and stock may say.
import type { SettingsReader } from './reader.ts';

export interface OrderConfig {
  /** Whether an all-decimal EID must pass its check digits (SGP.29: mod 97 = 1). */
  eidCheckDigits: boolean;
  /** Whether an ICCID imported into stock must be decimal and end with its check digit. */
  iccidCheckDigit: boolean;
  /** Whether matching IDs may have underscores and be short, as those of test suites. */
  testMatchingIds: boolean;
  /** Days after which an order that was not downloaded expires; undefined: never. */
  orderLifetimeDays: number | undefined;
}

export const ORDER_SETTINGS = [
  ['SIMWRIGHT_EID_CHECK_DIGITS', 'on', 'Refuse decimal EIDs with wrong check digits: on or off.'],
  [
    'SIMWRIGHT_ICCID_CHECK_DIGIT',
    'on',
    'Import only decimal ICCIDs that end with their check digit: on or off.',
  ],
  [
    'SIMWRIGHT_TEST_MATCHING_IDS',
    'off',
    'Allow matching IDs with underscores, and short ones, for test suites: on or off.',
  ],
  [
    'SIMWRIGHT_ORDER_LIFETIME_DAYS',
    'off',
    'Days after which an order that was not downloaded fails; off: never.',
  ],
] as const;

export const parseOrders = ({ isOn, daysOrOff }: SettingsReader): OrderConfig => ({
  eidCheckDigits: isOn('SIMWRIGHT_EID_CHECK_DIGITS', 'on'),
  iccidCheckDigit: isOn('SIMWRIGHT_ICCID_CHECK_DIGIT', 'on'),
  testMatchingIds: isOn('SIMWRIGHT_TEST_MATCHING_IDS', 'off'),
  orderLifetimeDays: daysOrOff('SIMWRIGHT_ORDER_LIFETIME_DAYS'),
});
