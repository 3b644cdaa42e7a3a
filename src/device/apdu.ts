// The eUICC as a card (TS 102 221): logical channels, on each of which an application may be selected, and a REFRESH to fetch after
// functions that end with one.
import { Channel, ISD_R_AID } from './apdu-channel.ts';
import { channelOf, isSecured, parseCommand, type Command } from './apdu-command.ts';
import { SW, status } from './apdu-status.ts';
import { powerOff, type Euicc } from './euicc.ts';

const INS = {
  terminalProfile: 0x10,
  fetch: 0x12,
  terminalResponse: 0x14,
  manageChannel: 0x70,
  select: 0xa4,
  terminalCapability: 0xaa,
  getResponse: 0xc0,
  getData: 0xca,
  storeData: 0xe2,
};
const OPEN = 0x00; // P1 of MANAGE CHANNEL
const CLOSE = 0x80;
/** TS 102 221 §8.7: with the basic one, which is always open. */
const CHANNELS = 20;
/** TS 102 223 §6.6.13: command 1, REFRESH with UICC reset, from the UICC to the terminal. */
const REFRESH = Uint8Array.from(Buffer.from('d009810301010482028182', 'hex'));
/**
 * TS 102 221 §6.3: T=0, voltage classes A to C, eUICC functions (TB after T=15), selection by AID, 20 logical channels (ISO/IEC 7816-4 §12.1.1.9).
 */
export const ATR = Uint8Array.from(Buffer.from('3b87803fc7828031e073fe211f9f', 'hex'));

export class ApduCard {
  readonly #euicc: Euicc;
  readonly #channels = new Map<number, Channel>();
  /** TS 102 223 §5.2: without TERMINAL PROFILE, a terminal wants no commands of the card. */
  #isProactive = false;

  constructor(euicc: Euicc) {
    this.#euicc = euicc;
    this.#open(0);
  }

  /** Power off and on. */
  reset(): void {
    powerOff(this.#euicc);
    this.#channels.clear();
    this.#isProactive = false;
    this.#open(0);
  }

  /** As a driver does that opens channels by itself. @returns its number; undefined: there is no such application, or no channel */
  openChannel(aid: Uint8Array = ISD_R_AID): number | undefined {
    const number = this.#freeChannel();
    if (number === undefined) return undefined;
    const select = { cla: 0, ins: INS.select, p1: 0x04, p2: 0x0c, data: aid, le: undefined };
    const response = this.#open(number).select(select);
    if (response[0] === SW.ok >> 8) return number;
    this.closeChannel(number);
    return undefined;
  }

  closeChannel(number: number): boolean {
    return number !== 0 && this.#channels.delete(number);
  }

  /** Takes a command APDU, returns a response APDU: data and two status bytes. */
  transmit(apdu: Uint8Array): Uint8Array {
    const number = channelOf(apdu[0] ?? 0);
    if (number === undefined) return status(SW.unknownClass);
    const channel = this.#channels.get(number);
    const command = parseCommand(apdu);
    if (command === undefined) return channel?.drop(SW.wrongLength) ?? status(SW.wrongLength);
    if (isSecured(command.cla)) return status(SW.secureMessagingNotSupported);
    if (channel === undefined) return status(SW.channelNotSupported);
    const { ins, le } = command;
    if (ins === INS.getResponse) return channel.getResponse(le);
    channel.forget();
    if (ins === INS.select) return channel.select(command);
    if (ins === INS.getData) return channel.getData(command);
    if (ins === INS.storeData) return channel.storeData(command);
    if (ins === INS.manageChannel) return this.#manageChannel(number, command);
    return this.#terminal(ins);
  }

  /** What the terminal tells, and what it fetches for itself. */
  #terminal(ins: number): Uint8Array {
    switch (ins) {
      case INS.terminalCapability:
        return status(SW.ok);
      case INS.terminalProfile:
        this.#isProactive = true;
        return status(this.#end());
      case INS.fetch:
        return this.#euicc.refreshes === true
          ? status(SW.ok, REFRESH)
          : status(SW.conditionsNotSatisfied);
      case INS.terminalResponse:
        this.#euicc.refreshes = false;
        return status(SW.ok);
      default:
        return status(SW.unknownInstruction);
    }
  }

  /** TS 102 221 §11.1.17: with P2 00, the card chooses the number, or closes the channel of the class byte. */
  #manageChannel(own: number, { p1, p2 }: Command): Uint8Array {
    if (p1 === CLOSE) {
      return status(this.closeChannel(p2 === 0 ? own : p2) ? SW.ok : SW.incorrectP1P2);
    }
    if (p1 !== OPEN || p2 >= CHANNELS || (p2 > 0 && this.#channels.has(p2))) {
      return status(SW.incorrectP1P2);
    }
    const number = p2 === 0 ? this.#freeChannel() : p2;
    if (number === undefined) return status(SW.functionNotSupported);
    this.#open(number);
    return p2 === 0 ? status(SW.ok, Uint8Array.of(number)) : status(SW.ok);
  }

  #freeChannel(): number | undefined {
    const numbers = Array.from({ length: CHANNELS }, (_, number) => number);
    return numbers.find((number) => !this.#channels.has(number));
  }

  #open(number: number): Channel {
    const channel = new Channel({
      euicc: this.#euicc,
      end: () => this.#end(),
    });
    this.#channels.set(number, channel);
    return channel;
  }

  #end(): number {
    const hasCommand = this.#isProactive && this.#euicc.refreshes === true;
    return hasCommand ? SW.proactiveCommand + REFRESH.length : SW.ok;
  }
}
