// Where the server listens, and who may be in front of it.
import { isIP, isIPv4 } from 'node:net';
import { itemsOf } from './reader.ts';
import type { SettingsReader } from './reader.ts';
import type { RentedSmdpConfig } from './rented-smdp.ts';

export interface ListenerConfig {
  host: string;
  port: number;
  /** Base of every URL in a response, without a trailing slash; undefined: the address that the server listens on. */
  publicUrl: string | undefined;
  es9Host: string;
  es9Port: number;
  es2Host: string;
  /** Undefined: ES2+ is not served. */
  es2Port: number | undefined;
  esipaHost: string;
  /** Undefined: there is no eIM. */
  esipaPort: number | undefined;
  metricsHost: string;
  /** Undefined: metrics are not served. */
  metricsPort: number | undefined;
  /** Whether a setting names the port: then it must be free. */
  isMetricsPortChosen: boolean;
  /** Addresses and networks (CIDR) whose X-Forwarded-For is trusted. */
  trustedProxies: string[];
}

export const LISTENER_SETTINGS = [
  ['SIMWRIGHT_HOST', '127.0.0.1', 'Address that the API listens on.'],
  ['SIMWRIGHT_PORT', '3000', 'Port that the API listens on; 0 takes a free one.'],
  ['SIMWRIGHT_PUBLIC_URL', 'http://HOST:PORT', 'Base of every URL in a response.'],
  ['SIMWRIGHT_ES9_HOST', '127.0.0.1', 'Address that ES9+ listens on, for devices.'],
  ['SIMWRIGHT_ES9_PORT', '8443', 'Port that ES9+ listens on; 0 takes a free one.'],
  ['SIMWRIGHT_ES2_HOST', '127.0.0.1', 'Address that ES2+ listens on, for operators.'],
  ['SIMWRIGHT_ES2_PORT', 'off', 'Port that ES2+ listens on; 0 takes a free one, off none.'],
  [
    'SIMWRIGHT_ESIPA_HOST',
    '127.0.0.1',
    'Address that ESipa (the eIM) listens on, for IoT devices.',
  ],
  [
    'SIMWRIGHT_ESIPA_PORT',
    'off',
    'Port that ESipa listens on; 0 takes a free one, off none: then there is no eIM.',
  ],
  ['SIMWRIGHT_METRICS_HOST', '127.0.0.1', 'Address that /metrics listens on, for Prometheus.'],
  [
    'SIMWRIGHT_METRICS_PORT',
    '9464, if it is free',
    'Port that /metrics listens on; 0 takes a free one, off none.',
  ],
  [
    'SIMWRIGHT_TRUSTED_PROXIES',
    'none',
    'Addresses and networks of proxies whose X-Forwarded-For is trusted, separated by commas.',
  ],
] as const;

/** As OpenTelemetry's exporters for Prometheus. */
const METRICS_PORT = 9464;

export function parseListeners(read: SettingsReader): ListenerConfig {
  const { text, integer, portOrOff } = read;
  return {
    host: text('SIMWRIGHT_HOST') ?? '127.0.0.1',
    port: integer('SIMWRIGHT_PORT', 3000, 0, 65535),
    publicUrl: parsePublicUrl(read),
    es9Host: text('SIMWRIGHT_ES9_HOST') ?? '127.0.0.1',
    es9Port: integer('SIMWRIGHT_ES9_PORT', 8443, 0, 65535),
    es2Host: text('SIMWRIGHT_ES2_HOST') ?? '127.0.0.1',
    es2Port: portOrOff('SIMWRIGHT_ES2_PORT'),
    esipaHost: text('SIMWRIGHT_ESIPA_HOST') ?? '127.0.0.1',
    esipaPort: portOrOff('SIMWRIGHT_ESIPA_PORT'),
    metricsHost: text('SIMWRIGHT_METRICS_HOST') ?? '127.0.0.1',
    metricsPort: portOrOff('SIMWRIGHT_METRICS_PORT', METRICS_PORT),
    isMetricsPortChosen: text('SIMWRIGHT_METRICS_PORT') !== undefined,
    trustedProxies: parseNetworks(read, 'SIMWRIGHT_TRUSTED_PROXIES'),
  };
}

function parsePublicUrl({ text, refuse }: SettingsReader): string | undefined {
  const value = text('SIMWRIGHT_PUBLIC_URL');
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    refuse(`SIMWRIGHT_PUBLIC_URL must be an http or https URL; it is '${value}'`);
  }
  // As serialised by the URL parser, which escapes anything that would break the JSON around it.
  return (url?.href ?? '').replace(/\/+$/, '');
}

function parseNetworks({ text, refuse }: SettingsReader, name: string): string[] {
  const given = itemsOf(text(name) ?? '');
  const wrong = given.filter((item) => !isNetwork(item));
  if (wrong.length > 0) {
    refuse(
      `${name} must be addresses or networks such as 10.0.0.0/8, separated by commas; ` +
        `it has '${wrong.join("', '")}'`,
    );
  }
  return given;
}

function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return bits > 0 && (prefix === undefined || (+prefix >= 1 && +prefix <= bits));
}

/** A server with a rented SM-DP+ has no ES9+. */
type AllListeners = ListenerConfig & { rentedSmdp: RentedSmdpConfig | undefined };

/** Where a server listens, and how the settings of each listener begin. */
export function listenersOf(
  config: AllListeners,
): { setting: string; host: string; port: number }[] {
  const { host, port, es9Host, es9Port, es2Host, es2Port, rentedSmdp } = config;
  const { esipaHost, esipaPort, metricsHost, metricsPort, isMetricsPortChosen } = config;
  return [
    { setting: 'SIMWRIGHT_', host, port },
    ...(rentedSmdp === undefined
      ? [{ setting: 'SIMWRIGHT_ES9_', host: es9Host, port: es9Port }]
      : []),
    ...(es2Port === undefined ? [] : [{ setting: 'SIMWRIGHT_ES2_', host: es2Host, port: es2Port }]),
    ...(esipaPort === undefined
      ? []
      : [{ setting: 'SIMWRIGHT_ESIPA_', host: esipaHost, port: esipaPort }]),
    ...(metricsPort === undefined || !isMetricsPortChosen
      ? []
      : [{ setting: 'SIMWRIGHT_METRICS_', host: metricsHost, port: metricsPort }]),
  ];
}

export function refuseSharedPorts(config: AllListeners, { refuse }: SettingsReader): void {
  const listeners = listenersOf(config);
  for (const [index, one] of listeners.entries()) {
    for (const other of listeners.slice(index + 1)) {
      if (one.port === 0 || one.port !== other.port || one.host !== other.host) continue;
      refuse(`${one.setting}PORT and ${other.setting}PORT must differ; both are ${one.port}`);
    }
  }
}

/** Where devices reach the listener: its own address if it has one, else localhost. */
export function reachableAt(host: string, port: number): string {
  const isElsewhere = isIPv4(host) ? !/^(127\.|0\.0\.0\.0$)/.test(host) : !host.includes(':');
  return `${isElsewhere ? host : 'localhost'}${port === 443 ? '' : `:${port}`}`;
}
