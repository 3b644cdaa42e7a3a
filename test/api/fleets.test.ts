// Groups of eUICCs and bulk operations over the API; what they do is in test/eim/fleets.test.ts and test/esipa/fleets.test.ts.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AddInitialEimRequest } from '../../src/rsp/definitions/iot-functions.ts';
import { completeEid } from '../../src/rsp/identifiers.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const GROUPS = '/v1/Euiccs/Groups';
const BULKS = '/v1/Euiccs/BulkOperations';
const EIDS = [1, 2, 3].map((number) => completeEid(`89049032${String(number).padStart(22, '0')}`));

describe('fleets', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ es9: true, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  });
  after(() => server[Symbol.asyncDispose]());
  const ask = async (path: string, form?: Record<string, string>, method?: string) => {
    const { status, json } = await server.request(path, {
      ...(form === undefined ? {} : { form }),
      ...(method === undefined ? {} : { method }),
    });
    return { status, json };
  };

  test('CreateEuiccImport: what is right is registered, in its group; what is wrong is told by item and line', async () => {
    const csv = `Eid;FriendlyName;Group;Metadata.site\n${EIDS[0]};Pump 1;Berlin;north\n${EIDS[1]};;Berlin;\n123;;;\n`;
    const { status, json } = await server.request('/v1/Euiccs/Imports', { csv });
    assert.equal(status, 200);
    const { problems, ...counts } = json;
    assert.deepEqual(counts, {
      dry_run: false,
      count: 3,
      registered: 2,
      updated: 0,
      unchanged: 0,
      refused: 1,
      problem_count: 1,
    });
    assert.match(problems[0].message, /^Invalid parameter Eid: .* \(line 4 of the file\)$/);
    const { json: euicc } = await ask(`/v1/Euiccs/${EIDS[0]}`);
    assert.deepEqual([euicc.friendly_name, euicc.metadata], ['Pump 1', { site: 'north' }]);
  });

  test('CreateEuiccImport: if nothing in it is right, nothing is registered, and it is refused', async () => {
    const csv = `Eid,Group\n${EIDS[2]},None\n${EIDS[2]},None\n`;
    const taken = `Eid,Group\n123,None\n${EIDS[0]}1,None\n`;
    const { status, json } = await server.request('/v1/Euiccs/Imports', { csv: taken });
    assert.deepEqual([status, json.problem_count, json.problems[0].item], [400, 2, 1]);
    const as = await server.addAccount(0);
    const others = await server.request('/v1/Euiccs/Imports', {
      as,
      csv: `Eid,Group\n${EIDS[0]},None\n`,
    });
    assert.deepEqual(
      [
        others.status,
        others.json.message.startsWith('1 item is not valid; nothing is registered. Item 1: '),
      ],
      [400, true],
    );
    assert.deepEqual((await server.request(GROUPS, { as })).json.groups, []);
    const planned = await server.request('/v1/Euiccs/Imports?DryRun=true', { csv });
    assert.deepEqual([planned.status, planned.json.refused], [200, 1]);
  });

  test('ExportEuiccOnboarding: a line for each eUICC of the group, with the same request for all', async () => {
    const { text } = await server.request('/v1/Euiccs/Onboarding?Group=Berlin&Format=jsonl');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(new Set(lines.map(({ eid }) => eid)), new Set(EIDS.slice(0, 2)));
    const [request, ...others] = new Set(lines.map((line) => line.add_initial_eim_request));
    assert.equal(others.length, 0);
    const { eimConfigurationDataList: known } = AddInitialEimRequest.decode(
      Uint8Array.fromBase64(request),
    );
    assert.equal(known[0]!.eimId, 'localhost');
  });

  test('CreateEuiccGroup, ListEuiccGroup, FetchEuiccGroup, UpdateEuiccGroup: by name or SID, whose names are unique', async () => {
    const { status, json: group } = await ask(GROUPS, { Name: 'Hamburg' });
    assert.deepEqual([status, group.name], [201, 'Hamburg']);
    assert.equal((await ask(GROUPS, { Name: 'Berlin' })).status, 409);
    const { json: list } = await ask(GROUPS);
    assert.deepEqual(
      list.groups.map(({ name }: any) => name),
      ['Hamburg', 'Berlin'],
    );
    assert.equal('euiccs' in list.groups[1], false);
    const { json: counted } = await ask(`${GROUPS}?Counts=true`);
    assert.deepEqual(
      counted.groups.map(({ euiccs }: any) => euiccs.registered),
      [0, 2],
    );
    const { json: berlin } = await ask(`${GROUPS}/Berlin`);
    assert.deepEqual(berlin.euiccs, { registered: 2, associated: 0, left: 0 });
    const renamed = await ask(`${GROUPS}/${group.sid}`, { Name: 'Bremen' });
    assert.equal(renamed.json.name, 'Bremen');
    assert.equal((await ask(`${GROUPS}/${group.sid}`, { Name: 'Berlin' })).status, 409);
    assert.equal((await ask(`${GROUPS}/Hamburg`)).status, 404);
  });

  test('DeleteEuiccGroup: only an empty one', async () => {
    assert.equal((await ask(`${GROUPS}/Berlin`, undefined, 'DELETE')).status, 409);
    assert.equal((await ask(`${GROUPS}/Bremen`, undefined, 'DELETE')).status, 204);
    assert.equal((await ask(`${GROUPS}/Bremen`)).status, 404);
  });

  test('ListBulkOperation, FetchBulkOperation, ListBulkOperationItem, ExportBulkOperation: its counts, its items, and a file', async () => {
    const made = await ask(BULKS, { Kind: 'listProfileInfo', Group: 'Berlin', Rate: '1' });
    assert.equal(made.status, 202);
    const path = `${BULKS}/${made.json.sid}`;
    const { json: list } = await ask(BULKS);
    assert.deepEqual(
      list.bulk_operations.map(({ sid }: any) => sid),
      [made.json.sid],
    );
    const { json: bulk } = await ask(path);
    assert.deepEqual([bulk.status, bulk.count, bulk.rate], ['running', 2, 1]);
    const { waiting, queued } = bulk.counts;
    assert.equal(waiting + queued, 2);
    const { json: items } = await ask(`${path}/Items`);
    assert.deepEqual(
      items.items.map(({ item }: any) => item),
      [1, 2],
    );
    const { text } = await server.request(`${path}/Result?Columns=item,kind`);
    assert.equal(text.split('\r\n')[0], 'item,kind');
  });

  test('PauseBulkOperation, ResumeBulkOperation, CancelBulkOperation: as its status allows', async () => {
    const { json } = await ask(BULKS);
    const path = `${BULKS}/${json.bulk_operations[0].sid}`;
    const statusAfter = async (name: string) => {
      const answer = await ask(`${path}/${name}`, {});
      return answer.status === 200 ? answer.json.status : answer.status;
    };
    assert.equal(await statusAfter('Pause'), 'paused');
    assert.equal(await statusAfter('Resume'), 'running');
    assert.equal(await statusAfter('Cancel'), 'cancelled');
    assert.equal(await statusAfter('Resume'), 409);
  });
});
