// A logical channel of the card. The ISD-R, once selected (§5.7.1), takes ES10 in STORE DATA blocks (§5.7.2), and has long answers
// fetched; the ECASD tells the EID.
import { encodeTlv } from '../rsp/der.ts';
import { DerError } from '../rsp/der-error.ts';
import type { Command } from './apdu-command.ts';
import { SW, status } from './apdu-status.ts';
import { encodeEid } from '../rsp/identifiers.ts';
import { callEs10 } from './es10.ts';
import type { Euicc } from './euicc.ts';
import { NoSessionError } from './loadBoundProfilePackage.ts';

const MORE_BLOCKS = 0x11; // §5.7.2: P1 of STORE DATA
const LAST_BLOCK = 0x91;
const MAX_ANSWER = 256;
const MAX_REQUEST = 65_535; // more than fits on a card
const SELECT_BY_NAME = 0x04;
const NO_FCI = 0x0c;

export const ISD_R_AID = Uint8Array.from(Buffer.from('a0000005591010ffffffff8900000100', 'hex'));
const ECASD_AID = Uint8Array.from(Buffer.from('a0000005591010ffffffff8900000200', 'hex'));
const AIDS = [ISD_R_AID, ECASD_AID];
const MIN_AID = 5;
const EID_TAG = 0x5a;

export interface ChannelCard {
  readonly euicc: Euicc;
  /** What ends a command that went well: 9000, or that the card has something for the terminal. */
  readonly end: () => number;
}

export class Channel {
  readonly #card: ChannelCard;
  #selected: Uint8Array | undefined;
  #blocks: Uint8Array[] = [];
  #answer: Uint8Array = new Uint8Array();

  constructor(card: ChannelCard) {
    this.#card = card;
  }

  /** An answer that was not fetched is lost with the next command. */
  forget(): void {
    this.#answer = new Uint8Array();
  }

  /** ISO/IEC 7816-4 §7.1.1: by an AID, or its beginning. */
  select({ p1, p2, data, le }: Command): Uint8Array {
    this.#blocks = [];
    const isByName = p1 === SELECT_BY_NAME && data.length >= MIN_AID;
    const aid = AIDS.find((one) => Buffer.compare(data, one.subarray(0, data.length)) === 0);
    if (!isByName || aid === undefined) return status(SW.notFound);
    this.#selected = aid;
    return (p2 & NO_FCI) === NO_FCI ? status(SW.ok) : this.#give(fciOf(aid, this.#card.euicc), le);
  }

  /** §2.4.2: of the ECASD, the EID. */
  getData({ p1, p2, le }: Command): Uint8Array {
    if (this.#selected !== ECASD_AID) return status(SW.unknownInstruction);
    if (p1 !== 0 || p2 !== EID_TAG) return status(SW.referencedDataNotFound);
    return this.#give(encodeTlv(EID_TAG, encodeEid(this.#card.euicc.eid)), le);
  }

  storeData({ p1, p2, data, le }: Command): Uint8Array {
    if (this.#selected !== ISD_R_AID) return status(SW.conditionsNotSatisfied);
    // §5.7.2: blocks are numbered from 0; an unexpected block 0 starts again.
    if (p2 === 0 && this.#blocks.length % 256 !== 0) this.#blocks = [];
    const isExpected = p2 === this.#blocks.length % 256;
    if ((p1 !== MORE_BLOCKS && p1 !== LAST_BLOCK) || !isExpected) {
      return this.drop(SW.incorrectP1P2);
    }
    this.#blocks.push(data);
    const size = this.#blocks.reduce((sum, { length }) => sum + length, 0);
    if (size > MAX_REQUEST) return this.drop(SW.wrongLength);
    if (p1 === MORE_BLOCKS) return status(SW.ok);
    const request = Uint8Array.from(Buffer.concat(this.#blocks));
    this.#blocks = [];
    return this.#call(request, le);
  }

  /** At most `le` bytes of the answer, and how many remain. */
  getResponse(le = MAX_ANSWER): Uint8Array {
    if (this.#answer.length === 0) return status(SW.conditionsNotSatisfied);
    return this.#continue(le);
  }

  drop(sw: number): Uint8Array {
    this.#blocks = [];
    return status(sw);
  }

  #call(request: Uint8Array, le: number | undefined): Uint8Array {
    try {
      return this.#give(callEs10(this.#card.euicc, request), le);
    } catch (error) {
      if (error instanceof DerError) return status(SW.incorrectData);
      if (error instanceof NoSessionError) return status(SW.conditionsNotSatisfied);
      throw error;
    }
  }

  /** TS 102 221 §7.3.1.1.4: over T=0, which cannot take and give data at once, by GET RESPONSE. */
  #give(answer: Uint8Array, le: number | undefined): Uint8Array {
    this.#answer = answer;
    if (answer.length === 0) return status(this.#card.end());
    return le === undefined ? this.#available() : this.#continue(le);
  }

  #continue(le: number): Uint8Array {
    const part = this.#answer.subarray(0, le);
    this.#answer = this.#answer.subarray(part.length);
    return this.#answer.length === 0
      ? status(this.#card.end(), part)
      : Uint8Array.from(Buffer.concat([part, this.#available()]));
  }

  #available(): Uint8Array {
    // ISO/IEC 7816-4 §5.6: 00 means 256 or more.
    const { length } = this.#answer;
    return status(SW.bytesAvailable + (length >= MAX_ANSWER ? 0 : length));
  }
}

/** §5.7.1, and SGP.32 §3.8.4 of an IoT eUICC: after what GlobalPlatform has in it, a template that says what kind of eUICC it is. */
function fciOf(aid: Uint8Array, euicc: Euicc): Uint8Array {
  const maxDataLength = encodeTlv(0x9f65, Uint8Array.of(0xff));
  const template = aid === ISD_R_AID ? [isdRTemplate(euicc)] : [];
  return encodeTlv(0x6f, encodeTlv(0x84, aid), encodeTlv(0xa5, maxDataLength), ...template);
}

/** Of an SGP.22 eUICC its svn, of an IoT eUICC its euiccConfiguration: ipaeSupported, enabledProfile. */
function isdRTemplate({ state: { iot, profiles } }: Euicc): Uint8Array {
  if (iot === undefined) return encodeTlv(0xe0, encodeTlv(0x82, Uint8Array.of(2, 5, 0)));
  const hasEnabled = profiles.some(({ isEnabled }) => isEnabled);
  return encodeTlv(0xe1, encodeTlv(0x80, hasEnabled ? Uint8Array.of(6, 0x40) : Uint8Array.of(0)));
}
