// Reads settings as what they are to be, and notes what is wrong with them.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A hundred years. */
export const MOST_DAYS = 36_500;

export type SettingsReader = ReturnType<typeof settingsReader>;

/** @param problems to which what is wrong is added; the reader then goes on with a default. */
export function settingsReader(text: (name: string) => string | undefined, problems: string[]) {
  const refuse = (problem: string): void => {
    problems.push(problem);
  };

  function integer(name: string, otherwise: number, least: number, most: number): number {
    const value = text(name);
    if (value === undefined) return otherwise;
    if (isInteger(value, least, most)) return +value;
    refuse(`${name} must be a whole number from ${least} to ${most}; it is '${value}'`);
    return otherwise;
  }

  function integerOrOff(
    name: string,
    least: number,
    most: number,
    { otherwise, unit = '' }: { otherwise?: number; unit?: string } = {},
  ): number | undefined {
    const value = text(name);
    if (value === undefined) return otherwise;
    if (value === 'off') return undefined;
    if (isInteger(value, least, most)) return +value;
    refuse(
      `${name} must be off or a whole number${unit} from ${least} to ${most}; it is '${value}'`,
    );
    return undefined;
  }

  const portOrOff = (name: string, otherwise?: number) =>
    integerOrOff(name, 0, 65_535, otherwise === undefined ? {} : { otherwise });
  const daysOrOff = (name: string) => integerOrOff(name, 1, MOST_DAYS, { unit: ' of days' });

  function oneOf<const T extends string>(name: string, values: readonly T[], otherwise: T): T {
    const value = text(name);
    const found = values.find((candidate) => candidate === (value ?? otherwise));
    if (found !== undefined) return found;
    refuse(`${name} must be one of ${values.join(', ')}; it is '${value}'`);
    return otherwise;
  }

  const isOn = (name: string, otherwise: 'on' | 'off') =>
    oneOf(name, ['on', 'off'], otherwise) === 'on';

  function pattern(name: string, expected: RegExp, what: string): string | undefined {
    const value = text(name);
    if (value !== undefined && !expected.test(value)) refuse(`${name} must be ${what}`);
    return value;
  }

  function file(name: string): string | undefined {
    const path = text(name);
    if (path !== undefined && !existsSync(path)) {
      refuse(`${name} must be a file; there is no ${resolve(path)}`);
    }
    return path === undefined ? undefined : resolve(path);
  }

  return {
    text,
    refuse,
    integer,
    integerOrOff,
    portOrOff,
    daysOrOff,
    oneOf,
    isOn,
    pattern,
    file,
  };
}

const isInteger = (value: string, least: number, most: number) =>
  /^\d+$/.test(value) && +value >= least && +value <= most;

/** The items of a list that is separated by commas. */
export const itemsOf = (list: string): string[] =>
  list.split(',').flatMap((item) => item.trim() || []);

/** Host, with a port if it is not 443, at which others reach something. */
export const SERVER_ADDRESS = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/;
export const SERVER_ADDRESS_TEXT = 'a host name or an IPv4 address, with :PORT if it is not 443';
