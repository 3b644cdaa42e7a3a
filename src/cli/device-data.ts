// Shared by the commands on virtual devices: their folder, choosing one, its phone, errors in words.
import { InvalidArgumentError, Option } from 'commander';
import { readConfig } from '../config.ts';
import { DeviceError } from '../device/device-error.ts';
import { DeviceStore, type DeviceRecord } from '../device/device-store.ts';
import { Es9PlusError } from '../device/es9plus.ts';
import {
  es9PlusBindings,
  HttpsTransport,
  type Es9PlusBinding,
} from '../device/es9plus-transport.ts';
import { openEuicc } from '../device/euicc.ts';
import { fromBase64 } from '../device/euicc-state.ts';
import { Lpa, type LpaOptions } from '../device/lpa.ts';
import { DerError } from '../rsp/der-error.ts';
import { formatStatusCode, reasons, subjects } from '../rsp/status-codes.ts';
import { parseSmdsAddress } from '../smdp/smds/smds-address.ts';
import { UsageError, UserError } from './user-error.ts';

export interface DeviceOption {
  device?: string;
}

export const deviceOption = () =>
  new Option('--device <name>', 'the device; optional if there is only one');

/** The device of a command that also takes it as an argument. Throws `UsageError`. */
export function nameGiven(
  argument: string | undefined,
  { device }: DeviceOption,
): string | undefined {
  if (argument === undefined || device === undefined || argument === device) {
    return argument ?? device;
  }
  throw new UsageError(`Name one device; got '${argument}' and --device '${device}'`);
}

export interface ConnectOption {
  connect?: { host: string; port: number };
}

export const connectOption = () =>
  new Option(
    '--connect <host:port>',
    'host to connect to instead of the address of the server',
  ).argParser((text) => {
    const [, host, port = '443'] = /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
    if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
    throw new InvalidArgumentError(`Expected a host, or host:port; got '${text}'.`);
  });

/** For `--smds`. */
export function parseSmds(text: string): string {
  const parsed = parseSmdsAddress(text);
  if (parsed !== undefined && !parsed.forwards) return parsed.address;
  throw new InvalidArgumentError(`Expected a host, or host:port; got '${text}'.`);
}

export interface BindingOption {
  binding?: Es9PlusBinding;
}

export const bindingOption = () =>
  new Option(
    '--binding <binding>',
    'how the phone writes its calls of ES9+, instead of json',
  ).choices(es9PlusBindings);

export function deviceStore(): DeviceStore {
  return new DeviceStore(readConfig().config.data);
}

export type DeviceKind = 'phone' | 'IoT device';

export function kindOf({ euicc }: Pick<DeviceRecord, 'euicc'>): DeviceKind {
  return euicc.iot === undefined ? 'phone' : 'IoT device';
}

/** What says that a device is not of the kind that a command is about. */
const NOT_A: Readonly<Record<DeviceKind, string>> = {
  phone:
    'is an IoT device: no user commands it, but its eIM (simwright eim ask, simwright device poll)',
  'IoT device':
    'is a phone, which has no IPA; create an IoT device with: simwright device create --iot',
};
const CREATE: Readonly<Record<DeviceKind, string>> = {
  phone: 'simwright device create',
  'IoT device': 'simwright device create --iot',
};

/** @param kind which the command is about; undefined: any */
export function chooseDevice(store: DeviceStore, name?: string, kind?: DeviceKind): DeviceRecord {
  const all = store.list();
  if (name !== undefined) {
    const device = all.find((candidate) => candidate.name === name);
    if (device === undefined) throw new UserError(`There is no device '${name}'`);
    if (kind !== undefined && kindOf(device) !== kind) {
      throw new UserError(`'${name}' ${NOT_A[kind]}`);
    }
    return device;
  }
  const devices = all.filter((device) => kind === undefined || kindOf(device) === kind);
  const [device, ...others] = devices;
  if (device === undefined) {
    const [only] = all;
    if (kind !== undefined && only !== undefined && all.length === 1) {
      throw new UserError(`'${only.name}' ${NOT_A[kind]}`);
    }
    throw new UserError(
      `There are no ${kind ?? 'device'}s yet; create one with: ${CREATE[kind ?? 'phone']}`,
    );
  }
  if (others.length > 0) {
    const names = devices.map((candidate) => candidate.name).join(', ');
    throw new UserError(`There are several devices; choose one with --device: ${names}`);
  }
  return device;
}

/** Works with the device's phone, which saves its state at once. */
export async function withPhone(
  options: DeviceOption & ConnectOption & BindingOption,
  work: (phone: Lpa, device: DeviceRecord) => Promise<void>,
  lpaOptions: Omit<LpaOptions, 'transport'> = {},
): Promise<void> {
  const store = deviceStore();
  const device = chooseDevice(store, options.device, 'phone');
  const { euicc: state } = device;
  const euicc = openEuicc(state, { keep: () => store.save({ ...device, euicc: state }) });
  using transport = new HttpsTransport({
    cis: device.tlsCis.map(fromBase64),
    ...(options.connect === undefined ? {} : { connectTo: options.connect }),
    ...(options.binding === undefined ? {} : { binding: options.binding }),
  });
  try {
    await work(new Lpa(euicc, { imei: device.imei, ...lpaOptions, transport }), device);
  } catch (error) {
    throw explained(error);
  }
}

/** Turns errors of server and device into text, with the standard's words for subject and reason codes. */
export function explained(cause: unknown): unknown {
  if (cause instanceof Es9PlusError) {
    const { functionName, subjectCode, reasonCode, serverMessage, message } = cause;
    if (subjectCode === undefined || reasonCode === undefined) {
      return new UserError(`The server did not answer ${functionName}: ${message}`, { cause });
    }
    const words = `${wordOf(subjects, subjectCode)}: ${wordOf(reasons, reasonCode)}`;
    const said = serverMessage === undefined ? '' : `. Its message: ${serverMessage}`;
    const why = `${words} (${formatStatusCode({ subjectCode, reasonCode })})${said}`;
    return new UserError(`The server refused ${functionName}: ${why}`, { cause });
  }
  if (cause instanceof DerError) {
    return new UserError(`The server sent a malformed message: ${cause.message}`, { cause });
  }
  if (cause instanceof DeviceError) return new UserError(cause.message, { cause });
  if (cause instanceof Error && 'code' in cause) {
    return new UserError(`The server cannot be reached: ${cause.message}`, { cause });
  }
  return cause;
}

function wordOf(words: Readonly<Record<string, string>>, code: string): string {
  return words[code] ?? 'unknown';
}
