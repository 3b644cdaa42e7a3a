// Everything outside the server in a trial: clients, devices and receivers reach it only through this, so a trial can
// put its own faults in between. Each kind of trial (failure points, simulation, storm) has its own implementation.
import type { Es9PlusTransport } from '../src/device/es9plus-transport.ts';
import type { EsipaTransport } from '../src/device/ipa/esipa-transport.ts';
import type { EimConfigurationData } from '../src/rsp/definitions/eim-configuration-data.ts';
import type { Pki } from '../src/smdp/pki/pki.ts';
import type { Random } from './random.ts';

export interface World {
  random: Random;
  /** The time of the database. */
  now(): Date;
  sleep(ms: number): Promise<void>;
  /** Sends a request to the API as the trial's account. Rejects with `NoAnswer`. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** ES9+. Rejects with `NoAnswer`. */
  es9: Es9PlusTransport;
  /** To an eIM, as an eUICC knows it. Rejects with `NoAnswer`. */
  esipa: (eim: EimConfigurationData) => EsipaTransport;
  /** Called between two steps of a device, when what it keeps is kept. Throws `PowerLost` if it loses its power there. */
  power?: (step: string) => void;
  /** The PKI of the SM-DP+, which issues the eUICCs of the trial. */
  pki: Pki;
  smdpAddress: string;
  receiver: CallbackReceiver;
  /** Validates callbacks. */
  authToken: string;
  /** Keeps a resource that the API answered with 2xx: `simwright verify --acknowledged` must find it. */
  acknowledge(resource: object): void;
  /** Lets time pass for everything that counts in days; undefined where it cannot, and journeys that need it are left out. */
  pass?: (ms: number) => Promise<void>;
}

export interface ApiRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** With its query: `/v1/ESimProfiles?Iccid=…` */
  path: string;
  form?: Record<string, string>;
  csv?: string;
  headers?: Record<string, string>;
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** The parsed body; undefined if there is none. */
  json: any;
}

/** The connection failed, or ended before the whole answer: whether the request was carried out is unknown. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** A device is off: it has answered nobody, and remembers only what it keeps. */
export class PowerLost extends Error {
  override name = 'PowerLost';

  constructor() {
    super('this device has no power');
  }
}

export interface CallbackReceiver {
  /** Where it listens; anything after it is for the journeys to tell their callbacks apart. */
  url: string;
  /** Callbacks that it answered with 2xx, in this order. */
  accepted: readonly AcceptedCall[];
}

export interface AcceptedCall {
  /** As called, with scheme, host, port and query. */
  url: string;
  signature: string;
  /** The same for every attempt of one callback. */
  idempotencyToken: string;
  parameters: Record<string, string>;
}
