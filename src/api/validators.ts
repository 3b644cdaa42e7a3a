// Validates parameters by their schemas.
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import { FORMATS } from './parameter-schemas.ts';

type Validator = ReturnType<FastifySchemaCompiler<object>>;

const ajv = new Ajv({
  coerceTypes: true,
  verbose: true,
  allowUnionTypes: true,
  formats: FORMATS,
});
/** By the schema as text, because many operations have equal ones. */
const known = new Map<string, Validator>();

/**
 * Compiles a schema when it is first used, once per process: compiling all of them would be most of the work of
 * starting a server. What is validated is converted to the types of the schema in place.
 */
export function validatorOf(schema: object): Validator {
  const text = JSON.stringify(schema);
  const found = known.get(text);
  if (found !== undefined) return found;
  let compiled: ValidateFunction | undefined;
  const validate: Validator = (data: unknown) => {
    compiled ??= ajv.compile(schema);
    const isValid = compiled(data);
    validate.errors = compiled.errors as NonNullable<typeof validate.errors>;
    return isValid;
  };
  known.set(text, validate);
  return validate;
}

interface HeadersSchema {
  properties: Record<string, object>;
}

/** For Fastify, which has the names of headers in lower case. */
export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  if (httpPart !== 'headers') return validatorOf(schema);
  const named = Object.entries((schema as HeadersSchema).properties);
  const properties = Object.fromEntries(
    named.map(([name, property]) => [name.toLowerCase(), property]),
  );
  return validatorOf({ ...schema, properties });
};
