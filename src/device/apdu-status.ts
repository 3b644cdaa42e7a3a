// Status words of a card (ISO/IEC 7816-4 §5.6).
export const SW = {
  ok: 0x9000,
  proactiveCommand: 0x9100, // TS 102 221 §7.4.2.1: instead of 9000; its length in the second byte
  bytesAvailable: 0x6100,
  wrongLength: 0x6700,
  channelNotSupported: 0x6881,
  secureMessagingNotSupported: 0x6882,
  conditionsNotSatisfied: 0x6985,
  incorrectData: 0x6a80,
  functionNotSupported: 0x6a81,
  notFound: 0x6a82,
  incorrectP1P2: 0x6a86,
  referencedDataNotFound: 0x6a88,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00,
} as const;

/** A response APDU. */
export function status(sw: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return Uint8Array.of(...data, sw >> 8, sw & 0xff);
}
