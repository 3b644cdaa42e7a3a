// A fleet of virtual IoT devices, moved from one profile to another by bulk operations over the API.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { EimContext } from '../../src/eim/eim.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { startReceiver } from '../receiver.ts';
import { eventually } from '../server.ts';
import { Ipa } from './ipa.ts';

onEachDatabase('a fleet', (database) => {
  const started = serverOn(database, { es9: true, stock: 20, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  let context: EimContext;
  before(() => {
    context = started().server.context as EimContext;
  });

  /** Does what there is to do, until there is nothing. */
  async function work(ipa: Ipa): Promise<void> {
    for (;;) {
      const polled = await ipa.poll();
      if (!(polled instanceof Uint8Array)) return;
      const [operation] = await context.store.eimOperations.underWay(ipa.eid);
      if (operation?.kind === 'euiccData') await ipa.provide(ipa.dataFor(polled));
      else if (operation?.kind === 'download')
        await (await ipa.download(polled)).sendNotifications();
      else await ipa.provide(ipa.load(polled));
    }
  }
  const bulk = async (form: Record<string, string>) => {
    const { json, status } = await started().request('/v1/Euiccs/BulkOperations', { form });
    assert.equal(status, 202, JSON.stringify(json));
    return json;
  };
  const until = (url: string, isDone: (json: any) => boolean) =>
    eventually(async () => {
      const { json } = await started().request(url);
      return isDone(json) ? json : undefined;
    });

  test('SGP.32 devices of a group: ordered, downloaded and enabled; then moved to another profile, and the old one deleted', async () => {
    await using receiver = await startReceiver();
    const ipas = Array.from({ length: 2 }, () => new Ipa(started(), { isIot: true }));
    const csv = `Eid,Group\n${ipas.map(({ eid }) => `${eid},Berlin\n`).join('')}`;
    const { json: imported } = await started().request('/v1/Euiccs/Imports', { csv });
    assert.equal(imported.registered, 2);
    const lines = await started().request('/v1/Euiccs/Onboarding?Group=Berlin&Format=jsonl');
    for (const line of lines.text.trim().split('\n')) {
      const { eid, add_initial_eim_request: request } = JSON.parse(line);
      ipas.find((ipa) => ipa.eid === eid)!.onboard(Uint8Array.fromBase64(request));
    }
    const profilesOf = async (ipa: Ipa): Promise<[string, string][]> => {
      const { json } = await started().request(`/v1/Euiccs/${ipa.eid}`);
      return json.profiles.map(({ iccid, state }: any) => [iccid, state]);
    };
    const done = ({ status, counts }: any) => status === 'completed' && counts.completed === 2;

    const Group = 'Berlin';
    const order = { Kind: 'download', Group, Order: 'true', OrderFriendlyName: 'Pump' };
    const first = await bulk({ ...order, Enable: 'true' });
    const isReady = ({ counts }: any) => counts.queued === 2;
    await until(first.url, isReady);
    await eventually(async () => {
      for (const ipa of ipas) await work(ipa);
      const { json } = await started().request(first.url);
      return done(json) ? json : undefined;
    });
    const old = await Promise.all(ipas.map(profilesOf));
    for (const profiles of old)
      assert.deepEqual(
        profiles.map(([, state]) => state),
        ['enabled'],
      );
    const { json: orders } = await started().request('/v1/ESimProfiles?FriendlyName=Pump');
    assert.deepEqual(
      new Set(orders.esim_profiles.map(({ status, eid }: any) => `${status} ${eid}`)),
      new Set(ipas.map(({ eid }) => `installed ${eid}`)),
    );

    const second = await bulk(order);
    await eventually(async () => {
      for (const ipa of ipas) await work(ipa);
      const { json } = await started().request(second.url);
      return done(json) ? json : undefined;
    });
    const enabling = await bulk({
      Kind: 'enable',
      Group,
      Profile: second.sid,
      Canary: '1',
      MaximumFailures: '0',
      BulkCallbackUrl: `${receiver.url}/bulk`,
    });
    await eventually(async () => {
      for (const ipa of ipas) await work(ipa);
      const { json } = await started().request(enabling.url);
      return done(json) ? json : undefined;
    });
    const deleting = await bulk({ Kind: 'delete', Group, Profile: 'disabled' });
    await until(deleting.url, isReady);
    for (const ipa of ipas) await work(ipa);
    await until(deleting.url, done);
    for (const [index, ipa] of ipas.entries()) {
      const [[iccid, state], ...others] = (await profilesOf(ipa)) as [[string, string]];
      assert.deepEqual([state, others], ['enabled', []]);
      assert.notEqual(iccid, old[index]![0]![0]);
    }
    const { parameters } = await receiver.next();
    assert.deepEqual(
      [parameters['BulkOperationSid'], parameters['Status'], parameters['Completed']],
      [enabling.sid, 'completed', '2'],
    );
    const result = await started().request(`${deleting.links.result}?Columns=eid,state,kind`);
    const rows = ipas.toReversed().map(({ eid }) => `${eid},completed,delete\r\n`);
    assert.equal(result.text, `eid,state,kind\r\n${rows.join('')}`);
  });

  test('what is wrong with a request is said before anything is kept', async () => {
    const { eid } = new Ipa(started());
    const refused = async (form: Record<string, string>) => {
      const { status, json } = await started().request('/v1/Euiccs/BulkOperations', { form });
      assert.equal(status, 400);
      return json.message as string;
    };
    assert.match(await refused({ Kind: 'listEim' }), /^Expected one of: Group, AllEuiccs, Eids/);
    assert.match(await refused({ Kind: 'listEim', Group: 'none' }), /there is no group 'none'/);
    assert.match(
      await refused({ Kind: 'listEim', Eids: eid }),
      /The account has no eUICC with EID/,
    );
    assert.match(await refused({ Kind: 'delete', AllEuiccs: 'true' }), /delete needs Iccid/);
    assert.match(
      await refused({ Kind: 'download', AllEuiccs: 'true' }),
      /needs a profile for each eUICC/,
    );
    const wrong = { Kind: 'listEim', AllEuiccs: 'true', MaximumFailures: '101%' };
    assert.match(await refused(wrong), /a number, or a percentage of the eUICCs/);
    const far = { Kind: 'listEim', AllEuiccs: 'true', ExpiresAt: '2999-01-01' };
    assert.match(await refused(far), /within the next 60 days/);
    assert.match(await refused({ ...far, DryRun: 'true' }), /within the next 60 days/);
    const unasked = { Kind: 'listEim', AllEuiccs: 'true', CanaryApproval: 'true' };
    assert.match(await refused(unasked), /CanaryApproval: expected it with Canary/);
    for (const filter of ['Status', 'SeenAfter', 'SeenBefore', 'Metadata.site']) {
      const value = filter === 'Status' ? 'left' : '2026-01-01';
      const message = await refused({ Kind: 'listEim', Eids: eid, [filter]: value });
      assert.match(message, /expected it with Group or AllEuiccs, not with a list/);
    }
    const lost = { Kind: 'listEim', AllEuiccs: 'true', ProfileType: 'x' };
    assert.match(await refused(lost), /ProfileType: expected it with Order/);
  });
});
