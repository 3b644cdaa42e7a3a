// An example response of each schema, recorded from a real server, for the OpenAPI document.
import type { TSchema } from 'typebox';
import type { Component } from './answer-schemas.ts';
import { ACCOUNT_EXAMPLES } from './schemas/account-examples.ts';
import { BATCH_EXAMPLES } from './schemas/batch-examples.ts';
import { CALLBACK_EXAMPLES } from './schemas/callback-examples.ts';
import { ESIM_PROFILE_EXAMPLES } from './schemas/esim-profile-examples.ts';
import { EUICC_EXAMPLES } from './schemas/euicc-examples.ts';
import { FLEET_EXAMPLES } from './schemas/fleet-examples.ts';
import { INSTALL_EXAMPLES } from './schemas/install-examples.ts';
import { LIST_AND_ERROR_EXAMPLES } from './schemas/list-and-error-examples.ts';
import { OPERATOR_EXAMPLES } from './schemas/operator-examples.ts';
import { SIM_EXAMPLES } from './schemas/sim-examples.ts';
import { STATISTICS_EXAMPLES } from './schemas/statistics-examples.ts';
import { STOCK_EXAMPLES } from './schemas/stock-examples.ts';
import { BASE, BATCH_SID, LINK_SID, PROFILE_SID } from './schemas/example-values.ts';

/** By the name of its schema. */
export const EXAMPLES = {
  ...ACCOUNT_EXAMPLES,
  ...BATCH_EXAMPLES,
  ...CALLBACK_EXAMPLES,
  ...ESIM_PROFILE_EXAMPLES,
  ...EUICC_EXAMPLES,
  ...FLEET_EXAMPLES,
  ...INSTALL_EXAMPLES,
  ...LIST_AND_ERROR_EXAMPLES,
  ...OPERATOR_EXAMPLES,
  ...SIM_EXAMPLES,
  ...STATISTICS_EXAMPLES,
  ...STOCK_EXAMPLES,
} satisfies Record<Exclude<Component, 'Error'>, object>;

/**
 * Example response of a schema.
 * @param path of the operation, with the examples of its parameters
 */
export function exampleOf(schema: TSchema, path: string): unknown {
  const { $ref, examples, properties, items } = schema as ShownSchema;
  if ($ref !== undefined) return EXAMPLES[$ref.replace('#', '') as keyof typeof EXAMPLES];
  if (examples !== undefined) return examples[0];
  if (items !== undefined) return [exampleOf(items, path)];
  if (properties === undefined) return undefined;
  const [key] = Object.keys(properties);
  const first = `${BASE}${path}?PageSize=50&Page=0`;
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      name === 'meta'
        ? { ...EXAMPLES.Meta, key, first_page_url: first, url: first }
        : exampleOf(property, path),
    ]),
  );
}

/** The path of an operation with the SIDs of the examples filled in. */
export function examplePath(path: string): string {
  const sid = path.includes('/Batches/') ? BATCH_SID : PROFILE_SID;
  return path.replace(':Sid', sid).replace(':LinkSid', LINK_SID);
}

interface ShownSchema {
  $ref?: string;
  examples?: unknown[];
  properties?: Record<string, TSchema>;
  items?: TSchema;
}
