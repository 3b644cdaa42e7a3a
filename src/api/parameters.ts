// Converts what clients send into the form that the schemas expect, and puts validation errors into words.
import type { FastifyRequest, FastifySchemaValidationError } from 'fastify';
import type { TObject } from 'typebox';
import { hideCredentials } from '../operator/callback-url.ts';
import { ApiError } from './api-error.ts';
import { takeMaps } from './map-parameter.ts';
import type { Operation } from './operation.ts';

type Parameters = Record<string, unknown>;

/**
 * SDKs send booleans as `true`, `True` or a JSON boolean, and unset parameters as empty. Parameters unknown to the
 * operation are dropped.
 * @returns a hook that runs before validation
 */
export function normaliser(operation: Operation): (request: FastifyRequest) => Promise<void> {
  const normaliseQuery = normalise(operation.query, operation.mayBeEmpty);
  const normaliseBody = normalise(operation.body, operation.mayBeEmpty);
  return async (request) => {
    if (operation.query !== undefined) normaliseQuery(request.query);
    if (operation.body !== undefined) {
      request.body ??= {};
      normaliseBody(request.body);
    }
  };
}

export function normalise(schema: TObject | undefined, mayBeEmpty: readonly string[] = []) {
  const types = new Map(
    Object.entries(schema?.properties ?? {}).map(([name, property]) => [
      name,
      (property as { type?: string | string[] }).type,
    ]),
  );
  const maps = [...types].filter(([, type]) => isMap(type)).map(([name]) => name);
  return (parameters: unknown) => {
    if (typeof parameters !== 'object' || parameters === null) return;
    const given = parameters as Parameters;
    takeMaps(maps, given);
    for (const name in given) {
      const value = given[name];
      const isUnset = (value === '' || value === null) && !mayBeEmpty.includes(name);
      if (isUnset || !types.has(name)) delete given[name];
      else if (isMap(types.get(name))) given[name] = normaliseMap(name, value);
      else if (types.get(name) === 'array') given[name] = normaliseList(name, value);
      else if (typeof value === 'string') given[name] = normaliseText(name, value, types.get(name));
    }
  };
}

/** An object, or one that may be empty. */
const isMap = (type: string | string[] | undefined) => [type].flat().includes('object');

/** Its texts as of any other parameter, in the order of its keys: whoever sends the same in another order means the same. */
function normaliseMap(name: string, value: unknown): unknown {
  // Empty, of a parameter that may be.
  if (value === '') return null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const pairs = Object.entries(value).map(([key, one]): [string, unknown] => [
    key,
    typeof one === 'string' ? normaliseText(`${name}.${key}`, one, 'string') : one,
  ]);
  return Object.fromEntries(pairs.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function normaliseText(name: string, value: string, type?: string | string[]): string {
  if (value.includes('\0')) throw invalid(name, 'it contains a NUL character');
  // A \u escape in JSON can be half a surrogate pair; databases would store another character in its place.
  if (!value.isWellFormed()) throw invalid(name, 'it contains half a surrogate pair');
  // The validator accepts as a number whatever JavaScript does: Infinity, 0x10, 1e3.
  if (type === 'integer' && !/^-?\d+$/.test(value)) {
    throw invalid(name, `expected ${TYPES['integer']}; got ${shown(value)}`);
  }
  return type === 'boolean' ? value.toLowerCase() : value;
}

/** Repeated, separated by commas, or both. */
function normaliseList(name: string, value: unknown): unknown[] | undefined {
  const given = [value].flat().filter((one) => one !== '');
  if (given.length === 0) return undefined;
  return given.flatMap((one) =>
    typeof one === 'string' ? normaliseText(name, one, 'string').split(',') : [one],
  );
}

function invalid(name: string, problem: string): ApiError {
  return new ApiError('invalidParameter', `Invalid parameter ${name}: ${problem}`);
}

/** A validation error with the schema and the value concerned. */
interface Finding extends FastifySchemaValidationError {
  parentSchema?: { title?: string };
  data?: unknown;
}

/** The first error, with what was expected and what was received. */
export function validationError(errors: FastifySchemaValidationError[], part: string): ApiError {
  const finding = errors[0] as Finding;
  const name = nameOf(finding.instancePath);
  if (name === '' && finding.keyword === 'required') {
    const missing = String(finding.params['missingProperty']);
    const message = `Missing required parameter ${missing} in the ${part}`;
    return new ApiError('invalidParameter', message);
  }
  if (name === '') return new ApiError('invalidParameter', `The ${part} must contain parameters`);
  return invalid(name, `expected ${expected(finding)}; got ${shown(finding.data)}`);
}

/** The parameter, and the key of a map. @param path JSON Pointer (RFC 6901) */
function nameOf(path: string): string {
  const [, name = '', key = ''] = path.split('/', 3);
  const isKey = key !== '' && !/^\d+$/.test(key);
  return isKey ? `${name}.${key.replaceAll('~1', '/').replaceAll('~0', '~')}` : name;
}

function expected({ keyword, params, parentSchema }: Finding): string {
  switch (keyword) {
    case 'enum':
      return `one of ${(params['allowedValues'] as string[]).join(', ')}`;
    case 'type':
      return TYPES[String(params['type'])] ?? String(params['type']);
    case 'minimum':
      return `at least ${String(params['limit'])}`;
    case 'maximum':
      return `at most ${String(params['limit'])}`;
    case 'maxItems':
      return `at most ${String(params['limit'])} of them`;
    case 'maxProperties':
      return `at most ${String(params['limit'])} keys`;
    case 'minLength':
      return `at least ${String(params['limit'])} characters`;
    case 'maxLength':
      return `at most ${String(params['limit'])} characters`;
    default:
      return parentSchema?.title ?? 'another form';
  }
}

const TYPES: Record<string, string> = {
  boolean: 'true or false',
  integer: 'a whole number',
  string: 'one string',
  'string,null': 'one string',
};

const SHOWN_LENGTH = 100;

function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? `'${hideCredentials(value)}'`
      : hideCredentials(JSON.stringify(value) ?? 'nothing');
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
