// The log of a server.
import { pino, stdTimeFunctions } from 'pino';
import type { Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config.ts';
import { hasColours } from './paint.ts';

/** The API's format, in the words of pino-pretty. */
const TERMINAL_TIME = `UTC:yyyy-mm-dd'T'HH:MM:ss'Z'`;

/**
 * Text on a terminal; otherwise one JSON object per line, on stderr, apart from the greeting.
 * @param worker its number, for each line
 */
export function makeLog({ logLevel }: Config, worker?: number): Logger {
  const secret = ['authorization', 'authToken', 'secret', 'ki', 'opc'];
  const redact = [...secret, ...secret.map((name) => `*.${name}`)];
  const options = {
    level: logLevel,
    redact,
    base: worker === undefined ? null : { worker },
    timestamp: stdTimeFunctions.isoTime,
  };
  if (!process.stdout.isTTY) return pino(options, pino.destination({ fd: 2, sync: true }));
  return pino(
    options,
    pretty({ colorize: hasColours(), translateTime: TERMINAL_TIME, sync: true }),
  );
}
