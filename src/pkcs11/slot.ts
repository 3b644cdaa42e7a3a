// The module, and the slot with the token that is wanted.
import { HsmError } from './errors.ts';
import type { Library } from './library.ts';
import type { TokenInfo } from './messages.ts';
import { describeToken } from './uri.ts';
import type { TokenName } from './uri.ts';

export const CKF_TOKEN = {
  LOGIN_REQUIRED: 0x4,
  PROTECTED_AUTHENTICATION_PATH: 0x100,
  TOKEN_INITIALIZED: 0x400,
  USER_PIN_COUNT_LOW: 0x10000,
  USER_PIN_FINAL_TRY: 0x20000,
  USER_PIN_LOCKED: 0x40000,
} as const;

export const TOKEN_INFO_SIZE = 256;

export interface Slot {
  id: bigint;
  name: Required<TokenName>;
  flags: number;
  hardware: string;
  firmware: string;
}

export async function initialize(library: Library): Promise<void> {
  const args = library.initializeArguments();
  await library.call('C_Initialize', [args.pointer], ['CKR_CRYPTOKI_ALREADY_INITIALIZED']);
}

/** CK_INFO */
export async function moduleInfo(library: Library): Promise<TokenInfo['module']> {
  const memory = library.memory(TOKEN_INFO_SIZE);
  try {
    await library.call('C_GetInfo', [memory.pointer]);
    const { bytes } = memory;
    const isPacked = process.platform === 'win32';
    const flagsAt = isPacked ? 34 : Math.ceil(34 / library.word) * library.word;
    const descriptionAt = flagsAt + library.word;
    return {
      file: library.file,
      cryptoki: versionAt(bytes, 0),
      manufacturer: textAt(bytes, 2, 32),
      description: textAt(bytes, descriptionAt, 32),
      version: versionAt(bytes, descriptionAt + 32),
    };
  } finally {
    memory.free();
  }
}

export async function findSlot(library: Library, wanted: TokenName): Promise<Slot> {
  const found: Slot[] = [];
  const others: string[] = [];
  for (const id of await slotIds(library)) {
    const slot = await readSlot(library, id);
    if (slot === undefined) continue;
    const parts = Object.keys(wanted) as (keyof TokenName)[];
    if (parts.every((part) => slot.name[part] === wanted[part])) found.push(slot);
    else others.push(`'${slot.name.token}' (serial ${slot.name.serial})`);
  }
  const [slot, another] = found;
  if (slot === undefined) {
    const seen =
      others.length === 0 ? 'the module shows no token' : `the module shows ${others.join(', ')}`;
    throw new HsmError('away', `expected a token with ${describeToken(wanted)}; ${seen}`);
  }
  if (another === undefined) return slot;
  const serials = found.map(({ name }) => name.serial).join(', ');
  throw new HsmError(
    'wrong',
    `expected one token with ${describeToken(wanted)}; there are ${found.length}: add serial=, one of ${serials}`,
  );
}

/** Those with a token. */
async function slotIds(library: Library): Promise<bigint[]> {
  const count = library.memory(library.word);
  try {
    await library.call('C_GetSlotList', [1, null, count.pointer]);
    const length = library.readWord(count.bytes);
    if (length === 0) return [];
    const ids = library.memory(length * library.word);
    try {
      await library.call('C_GetSlotList', [1, ids.pointer, count.pointer]);
      const there = Math.min(length, library.readWord(count.bytes));
      return Array.from({ length: there }, (_, i) =>
        library.readHandle(ids.bytes, i * library.word),
      );
    } finally {
      ids.free();
    }
  } finally {
    count.free();
  }
}

/** CK_TOKEN_INFO; undefined: the token is not initialised, or was just removed. */
async function readSlot(library: Library, id: bigint): Promise<Slot | undefined> {
  const memory = library.memory(TOKEN_INFO_SIZE);
  try {
    const gone = await library.call(
      'C_GetTokenInfo',
      [id, memory.pointer],
      [
        'CKR_TOKEN_NOT_PRESENT',
        'CKR_TOKEN_NOT_RECOGNIZED',
        'CKR_DEVICE_REMOVED',
        'CKR_SLOT_ID_INVALID',
      ],
    );
    if (gone !== undefined) return undefined;
    const { bytes } = memory;
    const flags = library.readWord(bytes, 96);
    if ((flags & CKF_TOKEN.TOKEN_INITIALIZED) === 0) return undefined;
    const versionsAt = 96 + 11 * library.word;
    return {
      id,
      name: {
        token: textAt(bytes, 0, 32),
        manufacturer: textAt(bytes, 32, 32),
        model: textAt(bytes, 64, 16),
        serial: textAt(bytes, 80, 16),
      },
      flags,
      hardware: versionAt(bytes, versionsAt),
      firmware: versionAt(bytes, versionsAt + 2),
    };
  } finally {
    memory.free();
  }
}

/** Padded with blanks; by some modules with zeros. */
function textAt(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('utf8', at, at + length).replace(/[\0 ]+$/, '');
}

function versionAt(bytes: Buffer, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}`;
}
