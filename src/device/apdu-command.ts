// Command APDUs (ISO/IEC 7816-4 §5.1), with short lengths, as T=0 has them.

export interface Command {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  /** How many bytes the answer may have at most; undefined: the command does not say, and T=0 has them fetched. */
  readonly le: number | undefined;
}

const MAX_ANSWER = 256;

/** @returns undefined for a wrong length */
export function parseCommand(apdu: Uint8Array): Command | undefined {
  const [cla = 0, ins = 0, p1 = 0, p2 = 0, p3 = 0] = apdu;
  const header = { cla, ins, p1, p2 };
  if (apdu.length < 4) return undefined;
  if (apdu.length === 4) return { ...header, data: new Uint8Array(), le: undefined };
  if (apdu.length === 5) return { ...header, data: new Uint8Array(), le: p3 || MAX_ANSWER };
  const rest = apdu.subarray(5);
  const data = rest.subarray(0, p3);
  if (rest.length === p3) return { ...header, data, le: undefined };
  return rest.length === p3 + 1 ? { ...header, data, le: rest[p3]! || MAX_ANSWER } : undefined;
}

/** The logical channel of a class byte (TS 102 221 §10.1.1); undefined: there is no such class. */
export function channelOf(cla: number): number | undefined {
  if ((cla & 0x70) === 0) return cla & 0x03;
  if ((cla & 0x70) === 0x40) return 4 + (cla & 0x0f);
  return undefined;
}

/** Only the classes of the channels 0 to 3 have room to say so. */
export function isSecured(cla: number): boolean {
  return (cla & 0x70) === 0 && (cla & 0x0c) !== 0;
}
