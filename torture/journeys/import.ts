// A stock file is imported: all of it once, however often it is sent.
import assert from 'node:assert/strict';
import { luhnDigit } from '../../src/rsp/identifiers.ts';
import { ask, persist } from '../client.ts';
import type { Journey } from '../journey.ts';
import type { World } from '../world.ts';

/** More than one statement adds. */
const ROWS = 510;

export const stockImport: Journey = {
  name: 'import',
  async run(world) {
    const prefix = `8949449${world.random.digits(8)}`;
    const rows = Array.from({ length: ROWS }, (_, index) => rowOf(prefix, index));
    const csv = ['profile_type,imsi,iccid,ki,opc', ...rows].join('\n');
    const first = await upload(world, csv);
    assert.equal(first.imported + first.already_in_stock, ROWS);
    assert.ok([0, ROWS].includes(first.imported as number), 'all rows or none');
    const second = await upload(world, csv);
    assert.deepEqual(
      { imported: second.imported, known: second.already_in_stock },
      { imported: 0, known: ROWS },
    );
  },
};

/** Of a profile type of their own, so that the orders of other journeys leave them alone. */
function rowOf(prefix: string, index: number): string {
  const number = String(index).padStart(3, '0');
  const iccid = `${prefix}${number}`;
  return `torture,99970${prefix.slice(-7)}${number},${iccid}${luhnDigit(iccid)},${'0123456789abcdef'.repeat(2)},${'fedcba9876543210'.repeat(2)}`;
}

async function upload(world: World, csv: string): Promise<any> {
  return persist(world, 'an import', async () => {
    const { status, json } = await ask(world, { method: 'POST', path: '/v1/Stock/Imports', csv });
    // The import whose answer was lost is still in progress.
    if (status === 409) return undefined;
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  });
}
