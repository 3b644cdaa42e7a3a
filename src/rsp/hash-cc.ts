// The confirmation code (§4.7, §5.7.5): the eUICC proves that the user entered it, without sending it.
import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * SHA-256 of the code as UTF-8, which the server stores, encrypted, to compute hashCc. It can be brute-forced, so it
 * is as secret as the code.
 */
export function hashConfirmationCode(confirmationCode: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(confirmationCode, 'utf8').digest());
}

/** hashCc = SHA-256(SHA-256(confirmation code) ‖ TransactionID), 32 bytes. */
export function hashCc(confirmationCodeHash: Uint8Array, transactionId: Uint8Array): Uint8Array {
  return new Uint8Array(
    createHash('sha256').update(confirmationCodeHash).update(transactionId).digest(),
  );
}

/** Whether the eUICC's hashCc is that of the code, compared in constant time. */
export function isHashCc(
  received: Uint8Array,
  confirmationCodeHash: Uint8Array,
  transactionId: Uint8Array,
): boolean {
  const expected = hashCc(confirmationCodeHash, transactionId);
  return received.length === expected.length && timingSafeEqual(received, expected);
}
