// How much callers may ask for at once.
import type { SettingsReader } from './reader.ts';

export interface LimitConfig {
  /** What a process works on at once, for all callers; any beyond that are refused as busy. */
  maxRequests: number;
  /** Concurrent requests per account; any beyond that are answered with 429. */
  maxConcurrentRequests: number;
  /** Requests per minute, of an account and of an address; any beyond that are answered with 429. Undefined: any number. */
  maxRequestsPerMinute: number | undefined;
  maxAddressRequestsPerMinute: number | undefined;
  /** Calls of ES9+ per minute of an address; undefined: any number. */
  maxEs9CallsPerMinute: number | undefined;
  /** Concurrent event streams per account; any beyond that are answered with 429. */
  maxEventStreams: number;
  /** Concurrent exports per account; any beyond that are answered with 429. */
  maxExports: number;
}

export const LIMIT_SETTINGS = [
  [
    'SIMWRIGHT_MAX_REQUESTS',
    '2000',
    'Requests and calls, of everybody, that a process works on at once; beyond that it is busy.',
  ],
  [
    'SIMWRIGHT_MAX_CONCURRENT_REQUESTS',
    '500',
    'Concurrent requests per account; any beyond that are answered with 429.',
  ],
  [
    'SIMWRIGHT_MAX_REQUESTS_PER_MINUTE',
    'off',
    'Requests per minute of an account; any beyond that are answered with 429.',
  ],
  [
    'SIMWRIGHT_MAX_ADDRESS_REQUESTS_PER_MINUTE',
    'off',
    'Requests per minute from an address, whoever sends them; any beyond that are answered with 429.',
  ],
  [
    'SIMWRIGHT_MAX_ES9_CALLS_PER_MINUTE',
    'off',
    'Calls of ES9+ per minute from an address, which many phones may share; beyond that, 429.',
  ],
  [
    'SIMWRIGHT_MAX_EVENT_STREAMS',
    '500',
    'Concurrent event streams per account; any beyond that are answered with 429.',
  ],
  [
    'SIMWRIGHT_MAX_EXPORTS',
    '4',
    'Concurrent exports per account; any beyond that are answered with 429.',
  ],
] as const;

const MOST_PER_MINUTE = 10_000_000;

export function parseLimits({ integer, integerOrOff }: SettingsReader): LimitConfig {
  const rateOrOff = (name: string) => integerOrOff(name, 1, MOST_PER_MINUTE);
  return {
    maxRequests: integer('SIMWRIGHT_MAX_REQUESTS', 2_000, 1, 100_000),
    maxConcurrentRequests: integer('SIMWRIGHT_MAX_CONCURRENT_REQUESTS', 500, 1, 100_000),
    maxRequestsPerMinute: rateOrOff('SIMWRIGHT_MAX_REQUESTS_PER_MINUTE'),
    maxAddressRequestsPerMinute: rateOrOff('SIMWRIGHT_MAX_ADDRESS_REQUESTS_PER_MINUTE'),
    maxEs9CallsPerMinute: rateOrOff('SIMWRIGHT_MAX_ES9_CALLS_PER_MINUTE'),
    maxEventStreams: integer('SIMWRIGHT_MAX_EVENT_STREAMS', 500, 1, 100_000),
    maxExports: integer('SIMWRIGHT_MAX_EXPORTS', 4, 1, 1_000),
  };
}
