// Test subscriptions of the test network 001 01, with random keys.
import { randomBytes, randomInt } from 'node:crypto';
import type { MasterKey } from '../../process/keys.ts';
import { luhnDigit } from '../../rsp/identifiers.ts';
import type { Unit } from '../../unit.ts';
import { DEFAULT_PROFILE_TYPE, toRow } from './subscription.ts';
import type { Subscription } from './subscription.ts';

/** No operator has this issuer number. */
const ICCID_PREFIX = '8999901';
const SERIAL_DIGITS = 11;
const CHUNK = 500;

/** MCC and MNC of the network for tests (3GPP TS 23.003). */
export const TEST_NETWORK = '00101';

/** Adds `count` test subscriptions after the existing ones. @returns their first and last ICCID */
export async function generateTestStock(
  accountSid: string,
  count: number,
  profileType: string | undefined,
  masterKey: MasterKey,
  { tables, now, audit }: Unit,
  onProgress: (done: number) => void = () => {},
): Promise<{ first: string; last: string }> {
  const highest = await tables.subscriptions.lastIccid(accountSid, ICCID_PREFIX);
  const start = highest === undefined ? 0 : Number(highest.slice(ICCID_PREFIX.length, -1));
  for (let done = 0; done < count; done += CHUNK) {
    const size = Math.min(CHUNK, count - done);
    const rows = Array.from({ length: size }, (_, index) =>
      toRow(testSubscription(start + done + index + 1, profileType), accountSid, masterKey, now),
    );
    await tables.subscriptions.insertMany(rows);
    onProgress(done + size);
  }
  const made = { first: iccidOf(start + 1), last: iccidOf(start + count) };
  const after = { generated: count, first_iccid: made.first, last_iccid: made.last };
  await audit(accountSid, { subject: 'stock', after });
  return made;
}

function testSubscription(serial: number, profileType = DEFAULT_PROFILE_TYPE): Subscription {
  return {
    iccid: iccidOf(serial),
    imsi: `${TEST_NETWORK}${String(serial % 10 ** 10).padStart(10, '0')}`,
    profileType,
    secrets: {
      ki: randomKey(),
      opc: randomKey(),
      pin1: randomCode(4),
      puk1: randomCode(8),
      pin2: randomCode(4),
      puk2: randomCode(8),
      adm1: randomCode(8),
    },
  };
}

function iccidOf(serial: number): string {
  const digits = ICCID_PREFIX + String(serial).padStart(SERIAL_DIGITS, '0');
  return digits + luhnDigit(digits);
}

function randomKey(): string {
  return randomBytes(16).toString('hex').toUpperCase();
}

function randomCode(digits: number): string {
  return String(randomInt(10 ** digits)).padStart(digits, '0');
}
