// Calls the C functions of a PKCS #11 module (Cryptoki 2.40) through koffi. Only the module's own process loads this file.
import { HsmError, ReturnError } from './errors.ts';
import type { ReturnName } from './errors.ts';

type Koffi = typeof import('koffi');
type Argument = bigint | number | null;
interface CFunction {
  async(...all: [...Argument[], (error: unknown, value: number | bigint) => void]): void;
}

/** Their places in CK_FUNCTION_LIST; parameters: U an unsigned long, P a pointer, B a byte. */
const FUNCTIONS = {
  C_Initialize: [0, 'P'],
  C_Finalize: [1, 'P'],
  C_GetInfo: [2, 'P'],
  C_GetSlotList: [4, 'BPP'],
  C_GetTokenInfo: [6, 'UP'],
  C_OpenSession: [12, 'UUPPP'],
  C_GetSessionInfo: [15, 'UP'],
  C_Login: [18, 'UUPU'],
  C_GetAttributeValue: [24, 'UUPU'],
  C_FindObjectsInit: [26, 'UPU'],
  C_FindObjects: [27, 'UPUP'],
  C_FindObjectsFinal: [28, 'U'],
  C_SignInit: [42, 'UPU'],
  C_Sign: [43, 'UPUPP'],
  C_GenerateKeyPair: [59, 'UPPUPUPP'],
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** Modules, until the process ends. */
const LOADED: ReturnType<Koffi['load']>[] = [];

const TYPES = { U: 'unsigned long', P: 'void *', B: 'unsigned char' };

/** Memory that C may use while JavaScript does other things: it does not move, and must be freed. */
export interface Memory {
  readonly pointer: bigint;
  readonly bytes: Buffer;
  free(): void;
}

/** CKA_… with a value, or with room for one. */
export type Attribute = readonly [type: number, value: Uint8Array];

export interface Template extends Memory {
  readonly count: number;
  /** Undefined: the token does not have the attribute, or does not show it. */
  value(index: number): Uint8Array | undefined;
}

export class Library {
  readonly file: string;
  readonly #koffi: Koffi;
  readonly #list: bigint;
  readonly #called = new Map<FunctionName, CFunction>();
  /** Bytes of CK_ULONG: 4 on Windows. */
  readonly word: number;
  readonly #pointerSize: number;
  /** Where the second member of a structure is; on Windows structures are packed. */
  readonly #second: number;

  private constructor(file: string, koffi: Koffi) {
    this.file = file;
    this.#koffi = koffi;
    this.word = koffi.sizeof('unsigned long');
    this.#pointerSize = koffi.sizeof('void *');
    this.#second = process.platform === 'win32' ? this.word : this.#pointerSize;
    let getList: (list: [bigint | null]) => number;
    try {
      const out = koffi.out(koffi.pointer('void *'));
      const module = koffi.load(file);
      // koffi unloads what nothing refers to any longer, and the functions of the list do not.
      LOADED.push(module);
      getList = module.func('C_GetFunctionList', 'unsigned long', [out]) as typeof getList;
    } catch (cause) {
      const why = (cause as Error).message;
      throw new HsmError('wrong', `${file} is not a PKCS #11 module that can be loaded: ${why}`, {
        cause,
      });
    }
    const list: [bigint | null] = [null];
    const value = getList(list);
    if (value !== 0 || list[0] === null) throw new ReturnError('C_GetFunctionList', value);
    this.#list = list[0];
  }

  /** Throws `HsmError`. */
  static async load(file: string): Promise<Library> {
    let koffi: Koffi;
    try {
      koffi = await import('koffi');
    } catch (cause) {
      throw new HsmError(
        'wrong',
        'an HSM needs the package koffi, an optional dependency that is not installed here: npm install koffi ' +
          `(${(cause as Error).message.split('\n', 1)[0]})`,
        { cause },
      );
    }
    return new Library(file, koffi);
  }

  /** Calls a function on another thread. Throws `ReturnError` unless it returns CKR_OK or one of these. */
  async call(
    name: FunctionName,
    given: readonly Argument[],
    allowed: readonly ReturnName[] = [],
  ): Promise<ReturnName | undefined> {
    const called = this.#function(name);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    called.async(...given, (error, value) => {
      if (error) reject(error);
      else resolve(Number(value));
    });
    const value = await promise;
    if (value === 0) return undefined;
    const error = new ReturnError(name, value);
    if (error.code !== undefined && allowed.includes(error.code)) return error.code;
    throw error;
  }

  #function(name: FunctionName): CFunction {
    const known = this.#called.get(name);
    if (known !== undefined) return known;
    const [index, parameters] = FUNCTIONS[name];
    const koffi = this.#koffi;
    const first = process.platform === 'win32' ? 2 : this.#pointerSize; // after CK_VERSION
    const at = koffi.decode(this.#list, first + index * this.#pointerSize, 'void *') as bigint;
    const types = Array.from(parameters, (letter) => TYPES[letter as keyof typeof TYPES]);
    const made = koffi.decode(at, koffi.proto('unsigned long', types)) as CFunction;
    this.#called.set(name, made);
    return made;
  }

  memory(size: number): Memory {
    const pointer = this.#koffi.alloc('uint8_t', size) as bigint;
    const bytes = Buffer.from(this.#koffi.view(pointer, size));
    bytes.fill(0);
    return {
      pointer,
      bytes,
      free: () => {
        bytes.fill(0);
        this.#koffi.free(pointer);
      },
    };
  }

  /** CK_MECHANISM without a parameter. */
  mechanism(type: number): Memory {
    const memory = this.memory(this.#triple);
    this.writeWord(memory.bytes, type);
    return memory;
  }

  /** CK_C_INITIALIZE_ARGS: the module may use the locks of the system. */
  initializeArguments(): Memory {
    const flagsAt = 4 * this.#pointerSize;
    const memory = this.memory(flagsAt + 2 * this.#pointerSize);
    this.writeWord(memory.bytes, 0x2, flagsAt); // CKF_OS_LOCKING_OK
    return memory;
  }

  /** An array of CK_ATTRIBUTE, with its values behind it. */
  template(attributes: readonly Attribute[]): Template {
    const size = this.#triple;
    const valuesAt = attributes.length * size;
    const memory = this.memory(
      valuesAt + attributes.reduce((sum, [, value]) => sum + value.length + 8, 8),
    );
    const { bytes, pointer } = memory;
    const places: number[] = [];
    let at = valuesAt;
    for (const [index, [type, value]] of attributes.entries()) {
      bytes.set(value, at);
      this.writeWord(bytes, type, index * size);
      this.#writePointer(bytes, pointer + BigInt(at), index * size + this.#second);
      this.writeWord(bytes, value.length, index * size + this.#second + this.#pointerSize);
      places.push(at);
      at += value.length + 8 - (value.length % 8);
    }
    return {
      ...memory,
      count: attributes.length,
      value: (index) => {
        const length = this.readWord(bytes, index * size + this.#second + this.#pointerSize);
        if (length > attributes[index]![1].length) return undefined; // CK_UNAVAILABLE_INFORMATION
        return Uint8Array.from(bytes.subarray(places[index], places[index]! + length));
      },
    };
  }

  /** The size of a structure of a word, a pointer and a word. */
  get #triple(): number {
    return this.#second + this.#pointerSize + this.#second;
  }

  /** Words that are too large to be exact are only compared. */
  readWord(bytes: Buffer, at = 0): number {
    return this.word === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at);
  }

  /** Handles may be any word. */
  readHandle(bytes: Buffer, at = 0): bigint {
    return this.word === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at));
  }

  writeWord(bytes: Buffer, value: number | bigint, at = 0): void {
    if (this.word === 8) bytes.writeBigUInt64LE(BigInt(value), at);
    else bytes.writeUInt32LE(Number(value), at);
  }

  /** As the value of an attribute. */
  wordBytes(value: number): Uint8Array {
    const bytes = Buffer.alloc(this.word);
    this.writeWord(bytes, value);
    return bytes;
  }

  #writePointer(bytes: Buffer, value: bigint, at: number): void {
    if (this.#pointerSize === 8) bytes.writeBigUInt64LE(value, at);
    else bytes.writeUInt32LE(Number(value), at);
  }
}
