// What tests do with the eIM of a server, beside its API: register eUICCs, ask operations of them, and see what becomes of them.
import assert from 'node:assert/strict';
import type { EimContext } from '../../src/eim/eim.ts';
import { askOperation } from '../../src/eim/ask-operation.ts';
import type { Asked } from '../../src/eim/ask-operation.ts';
import { registerEuicc } from '../../src/eim/euiccs.ts';
import type { EimOperationRow } from '../../src/store/schema.ts';
import type { TestServer } from '../server.ts';
import { Ipa, packageFor } from './ipa.ts';

export function eimOf(started: () => TestServer) {
  const contextOf = () => started().server.context as EimContext;

  const register = ({ eid }: Pick<Ipa, 'eid'>, changes: object = {}) =>
    registerEuicc(
      started().account.username,
      {
        eid,
        friendlyName: null,
        resultSignature: 'associationToken',
        unsignedResults: false,
        ...changes,
      },
      contextOf(),
    );

  async function ask({ eid }: Pick<Ipa, 'eid'>, asked: Asked) {
    const context = contextOf();
    const euicc = await context.store.euiccs.find(eid);
    return context.transact((unit) => askOperation(euicc!, asked, context, unit));
  }

  const find = async ({ eid, sid }: Pick<EimOperationRow, 'eid' | 'sid'>) =>
    (await contextOf().store.eimOperations.find(eid, sid))!;

  /** Registered, and its certificates known. */
  async function associated(binding: Ipa['binding'] = 'asn1', smdp = started()) {
    const ipa = new Ipa(started(), { binding, smdp });
    await register(ipa);
    assert.deepEqual(await ipa.provide(ipa.dataFor(await packageFor(ipa))), []);
    return ipa;
  }

  /** A virtual device that is registered, and knows the eIM by what it was given. */
  async function onboarded(smdp = started()) {
    const device = new Ipa(started(), { isIot: true, smdp });
    await register(device);
    const path = `/v1/Euiccs/${device.eid}`;
    const { json } = await started().request(`${path}/Onboarding`);
    device.onboard(Uint8Array.fromBase64(json.add_initial_eim_request));
    return { device, path, transport: device.transport };
  }

  return { register, ask, find, associated, onboarded };
}

/** What its owner does by the API: shows an eUICC, asks an operation of it, and sees what becomes of it. */
export function eimApiOf(started: () => TestServer) {
  const api: TestServer['request'] = (path, options) => started().request(path, options);

  const euiccOf = async ({ eid }: Pick<Ipa, 'eid'>) => (await api(`/v1/Euiccs/${eid}`)).json;

  async function ask({ eid }: Pick<Ipa, 'eid'>, form: Record<string, string>) {
    const { status, json } = await api(`/v1/Euiccs/${eid}/Operations`, { form });
    assert.equal(status, 201, json.message);
    return json;
  }

  const shown = async ({ url }: { url: string }) =>
    (await api(url.slice(started().url.length))).json;

  return { api, euiccOf, ask, shown };
}
