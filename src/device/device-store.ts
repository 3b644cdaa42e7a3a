// The virtual devices of a data folder: `devices/NAME.json`, readable by their owner only, because they contain keys.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { EuiccState } from './euicc-state.ts';
import type { IpaCertificate } from './ipa/ipa-listener.ts';
import type { IpaMemory } from './ipa/poll-eims.ts';

export interface DeviceRecord {
  readonly name: string;
  /** 15 digits. */
  readonly imei: string;
  readonly dateCreated: string;
  /** base64 of the CI certificates trusted for TLS, which may include others than the eUICC's, on another curve. */
  readonly tlsCis: readonly string[];
  readonly euicc: EuiccState;
  /** Of a device with an IPA. */
  readonly ipa?: IpaMemory;
  /** Of one that listens. */
  readonly listener?: IpaCertificate & { readonly hosts: readonly string[] };
}

const NAME = /^[0-9A-Za-z][-_0-9A-Za-z]{0,31}$/;
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export function isDeviceName(text: string): boolean {
  return NAME.test(text);
}

export class DeviceStore {
  readonly #folder: string;
  /** What was read or saved last, by file: most functions change nothing. */
  readonly #saved = new Map<string, string>();

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'devices');
  }

  /** Sorted by name. */
  list(): DeviceRecord[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith('.json'))
      .toSorted()
      .flatMap((file) => this.find(file.slice(0, -'.json'.length)) ?? []);
  }

  find(name: string): DeviceRecord | undefined {
    const file = this.#fileOf(name);
    if (!existsSync(file)) return undefined;
    const text = readFileSync(file, 'utf8');
    this.#saved.set(file, text);
    return JSON.parse(text) as DeviceRecord;
  }

  /** Atomic: a device that loses power while writing keeps its old state. */
  save(device: DeviceRecord): void {
    const file = this.#fileOf(device.name);
    const text = `${JSON.stringify(device, null, 2)}\n`;
    if (text === this.#saved.get(file)) return;
    mkdirSync(this.#folder, { recursive: true, mode: FOLDER_MODE });
    const temporary = `${file}.${process.pid}.new`;
    writeFileSync(temporary, text, { mode: FILE_MODE });
    renameSync(temporary, file);
    this.#saved.set(file, text);
  }

  remove(name: string): void {
    this.#saved.delete(this.#fileOf(name));
    rmSync(this.#fileOf(name), { force: true });
  }

  #fileOf(name: string): string {
    if (!isDeviceName(name)) throw new RangeError(`${JSON.stringify(name)} is not a device name`);
    return join(this.#folder, `${name}.json`);
  }
}
