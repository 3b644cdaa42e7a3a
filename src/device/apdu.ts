// The eUICC as a card (§5.7.2, TS 102 221): ES10 in STORE DATA blocks, long responses by GET RESPONSE, and a REFRESH
// to fetch after functions that end with one.
import { DerError } from '../rsp/der-error.ts';
import { callEs10 } from './es10.ts';
import type { Euicc } from './euicc.ts';
import { NoSessionError } from './loadBoundProfilePackage.ts';

const INS = {
  select: 0xa4,
  terminalCapability: 0xaa,
  fetch: 0x12,
  terminalResponse: 0x14,
  getResponse: 0xc0,
  storeData: 0xe2,
  manageChannel: 0x70,
};
const MORE_BLOCKS = 0x11; // §5.7.2: P1 of STORE DATA
const LAST_BLOCK = 0x91;
const MAX_ANSWER = 256;
/** TS 102 223 §6.6.13: command 1, REFRESH with UICC reset, from the UICC to the terminal. */
const REFRESH = Uint8Array.from(Buffer.from('d009810301010482028182', 'hex'));
const MAX_REQUEST = 65_535; // more than fits on a card

/** ISO 7816-4 §5.6 */
const SW = {
  ok: 0x9000,
  proactiveCommand: 0x9100, // TS 102 221 §7.4.2.1: instead of 9000; its length in the second byte
  bytesAvailable: 0x6100,
  wrongLength: 0x6700,
  conditionsNotSatisfied: 0x6985,
  incorrectData: 0x6a80,
  incorrectP1P2: 0x6a86,
  unknownInstruction: 0x6d00,
} as const;

export class ApduCard {
  readonly #euicc: Euicc;
  /** Called when a command may have changed the state. */
  readonly #onChange: () => void;
  #blocks: Uint8Array[] = [];
  #answer: Uint8Array = new Uint8Array();

  constructor(euicc: Euicc, onChange: () => void = () => {}) {
    this.#euicc = euicc;
    this.#onChange = onChange;
  }

  /** Takes a command APDU, returns a response APDU: data and two status bytes. */
  transmit(apdu: Uint8Array): Uint8Array {
    const [, ins = 0, p1 = 0, p2 = 0, lc = 0] = apdu;
    if (apdu.length < 4) return status(SW.wrongLength);
    if (ins === INS.getResponse) return this.#continueAnswer(apdu[4] || MAX_ANSWER);
    this.#answer = new Uint8Array();
    if (ins === INS.select || ins === INS.terminalCapability) return status(SW.ok);
    if (ins === INS.manageChannel)
      return p1 === 0 ? status(SW.ok, Uint8Array.of(1)) : status(SW.ok);
    if (ins === INS.fetch)
      return this.#euicc.refreshes ? status(SW.ok, REFRESH) : status(SW.conditionsNotSatisfied);
    if (ins === INS.terminalResponse) {
      this.#euicc.refreshes = false;
      return status(SW.ok);
    }
    if (ins !== INS.storeData) return status(SW.unknownInstruction);
    // Le may follow.
    const data = apdu.subarray(5, 5 + lc);
    if (data.length !== lc || apdu.length > 5 + lc + 1) return this.#drop(SW.wrongLength);
    return this.#takeBlock(p1, p2, data);
  }

  #takeBlock(p1: number, p2: number, data: Uint8Array): Uint8Array {
    // §5.7.2: blocks are numbered from 0; an unexpected block 0 starts again.
    if (p2 === 0 && this.#blocks.length % 256 !== 0) this.#blocks = [];
    const isExpected = p2 === this.#blocks.length % 256;
    if ((p1 !== MORE_BLOCKS && p1 !== LAST_BLOCK) || !isExpected)
      return this.#drop(SW.incorrectP1P2);
    this.#blocks.push(data);
    const size = this.#blocks.reduce((sum, { length }) => sum + length, 0);
    if (size > MAX_REQUEST) return this.#drop(SW.wrongLength);
    if (p1 === MORE_BLOCKS) return status(SW.ok);
    const request = Uint8Array.from(Buffer.concat(this.#blocks));
    this.#blocks = [];
    return this.#call(request);
  }

  #call(request: Uint8Array): Uint8Array {
    try {
      this.#answer = callEs10(this.#euicc, request);
    } catch (error) {
      if (error instanceof DerError) return status(SW.incorrectData);
      if (error instanceof NoSessionError) return status(SW.conditionsNotSatisfied);
      throw error;
    } finally {
      this.#onChange();
    }
    return this.#answer.length > MAX_ANSWER ? this.#available() : this.#continueAnswer(MAX_ANSWER);
  }

  /** At most `le` bytes of the response, and how many remain. */
  #continueAnswer(le: number): Uint8Array {
    const part = this.#answer.subarray(0, le);
    this.#answer = this.#answer.subarray(part.length);
    return this.#answer.length === 0
      ? status(this.#euicc.refreshes ? SW.proactiveCommand + REFRESH.length : SW.ok, part)
      : Uint8Array.from(Buffer.concat([part, this.#available()]));
  }

  #available(): Uint8Array {
    // ISO 7816-4 §5.6: 00 means 256 or more.
    const { length } = this.#answer;
    return status(SW.bytesAvailable + (length >= MAX_ANSWER ? 0 : length));
  }

  #drop(sw: number): Uint8Array {
    this.#blocks = [];
    return status(sw);
  }
}

function status(sw: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return Uint8Array.of(...data, sw >> 8, sw & 0xff);
}
