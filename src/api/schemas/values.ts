// The values that answers are made of, as schemas.
import { Type } from 'typebox';
import type { TSchema } from 'typebox';

export const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);

/** A string in a fixed format, which `title` describes, also in error messages. */
export const sid = (prefix: string) =>
  Type.String({
    pattern: `^${prefix}[0-9a-fA-F]{32}$`,
    title: `${prefix} and 32 hexadecimal digits`,
    minLength: 34,
    maxLength: 34,
  });

export const describedSid = (prefix: string, description: string) => ({
  ...sid(prefix),
  description,
});

export const date = () => Type.String({ format: 'date-time', examples: ['2020-09-01T20:00:00Z'] });

export const url = () => Type.String({ format: 'uri' });

export const oneOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Enum([...values], { description, type: 'string' });

export const number = (description: string) => Type.Integer({ minimum: 0, description });

export const fields = (description: string) =>
  nullable(Type.Record(Type.String(), Type.Unknown(), { description }));

export const count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description === undefined ? {} : { description }) });
