// Parameters that are maps of texts. Each is given as one JSON object, which is how SDKs send dictionaries in a form, or as
// a parameter for each key: `Name.KEY=VALUE`, or `Name[KEY]=VALUE`.
import { ApiError } from './api-error.ts';

/** Gathers each map under its name: an object, null, or empty. Throws `ApiError`. */
export function takeMaps(names: readonly string[], given: Record<string, unknown>): void {
  for (const name of names) {
    const pairs = takePairs(name, given);
    const whole = Object.hasOwn(given, name) ? parseWhole(name, given[name]) : undefined;
    if (pairs.length === 0) {
      if (whole !== undefined) given[name] = whole;
    } else if (whole === undefined) {
      const map = new Map(pairs);
      if (map.size < pairs.length) {
        throw invalid(name, `expected each key once, as ${name}.KEY or ${name}[KEY]; got both`);
      }
      given[name] = Object.fromEntries(map);
    } else {
      throw invalid(name, `expected either ${name} or ${name}.KEY; got both`);
    }
  }
}

/** Removes the parameters of single keys. */
function takePairs(name: string, given: Record<string, unknown>): [key: string, value: unknown][] {
  const pairs: [string, unknown][] = [];
  for (const [parameter, value] of Object.entries(given)) {
    const after = parameter.startsWith(name) ? parameter.slice(name.length) : '';
    const [, dotted, bracketed] = /^(?:\.(.*)|\[(.*)\])$/s.exec(after) ?? [];
    const key = dotted ?? bracketed;
    if (key === undefined) continue;
    delete given[parameter];
    pairs.push([key, value]);
  }
  return pairs;
}

function parseWhole(name: string, value: unknown): unknown {
  const parsed = typeof value === 'string' && value !== '' ? parseJson(name, value) : value;
  if (parsed === '' || parsed === null) return parsed;
  if (typeof parsed === 'object' && !Array.isArray(parsed)) return parsed;
  throw invalid(name, `${EXPECTED}; got ${kindOf(parsed)}`);
}

const EXPECTED = 'expected a JSON object of texts, such as {"site":"Berlin"}';

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(name, `${EXPECTED}; got text that is not JSON`);
  }
}

const kindOf = (value: unknown) => (Array.isArray(value) ? 'an array' : `a ${typeof value}`);

function invalid(name: string, problem: string): ApiError {
  return new ApiError('invalidParameter', `Invalid parameter ${name}: ${problem}`);
}
