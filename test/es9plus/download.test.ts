// Downloads by the virtual device with the API's activation code, and the resulting status.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachDatabaseAndPooler, serverOn } from '../databases.ts';
import { startReceiver } from '../receiver.ts';
import { eventually } from '../server.ts';
import { newEid, newEuicc, newPhone } from './phone.ts';

onEachDatabaseAndPooler('§3.1.3 a download', (database) => {
  const server = serverOn(database, { es9: true, stock: 30 });
  const fetchProfile = async (sid: string) =>
    (await server().request(`/v1/ESimProfiles/${sid}`)).json;

  test('with the activation code of an order: downloaded, installed, with callbacks', async () => {
    await using receiver = await startReceiver();
    const order = await server().order({
      GenerateMatchingId: 'true',
      CallbackUrl: receiver.url,
    });
    const phone = newPhone(server());
    const { iccid } = await phone.download(`LPA:${order.activation_code}`);
    assert.equal(iccid, order.iccid);
    const profile = await fetchProfile(order.sid);
    assert.deepEqual([profile.status, profile.eid], ['installed', phone.euicc.eid]);
    await eventually(() => receiver.calls.length === 4 || undefined);
    assert.deepEqual(
      receiver.calls.map(({ parameters }) => parameters['Status']),
      ['reserving', 'available', 'downloaded', 'installed'],
    );
    const { json } = await server().request(`/v1/ESimProfiles/${order.sid}/Events`);
    assert.deepEqual(
      json.events.map(({ cause }: any) => cause),
      [
        'installed on the device',
        'bound profile package delivered',
        'released by the SM-DP+',
        'reservation begun',
        'ordered through the API',
      ],
    );
  });

  test('§6.6 over ASN.1, with a confirmation code, which is refused first; the RSP log names the binding', async () => {
    const form = { GenerateMatchingId: 'true', ConfirmationCode: '4711' };
    const order = await server().order(form);
    const phone = newPhone(server(), { binding: 'asn1' });
    await assert.rejects(phone.download(order.activation_code, { confirmationCode: '0815' }), {
      name: 'Es9PlusError',
      subjectCode: '8.2.7',
      reasonCode: '3.8',
      serverMessage: 'confirmationCodeRefused (3)',
    });
    await phone.download(order.activation_code, { confirmationCode: '4711' });
    assert.equal((await fetchProfile(order.sid)).status, 'installed');
    const log = await server().request(`/v1/ESimProfiles/${order.sid}/RspLog`);
    assert.deepEqual(
      log.json.rsp_log.map((entry: any) => `${entry.binding} ${entry.function} ${entry.status}`),
      [
        'asn1 handleNotification Executed-Success',
        'asn1 getBoundProfilePackage Executed-Success',
        'asn1 authenticateClient Executed-Success',
        'asn1 initiateAuthentication Executed-Success',
        'asn1 getBoundProfilePackage Failed',
        'asn1 authenticateClient Executed-Success',
        'asn1 initiateAuthentication Executed-Success',
      ],
    );
  });

  test('on brainpoolP256r1', async () => {
    const order = await server().order({ GenerateMatchingId: 'true' });
    const euicc = newEuicc(server(), { curve: 'brainpoolP256r1' });
    await newPhone(server(), { euicc }).download(order.activation_code);
    assert.equal((await fetchProfile(order.sid)).status, 'installed');
  });

  test('by EID at the default SM-DP+, without a matching ID', async () => {
    const eid = newEid();
    const order = await server().order({ Eid: eid });
    const euicc = newEuicc(server(), { eid });
    const phone = newPhone(server(), { euicc });
    await phone.download(`1$${order.smdp_plus_address}$`);
    assert.equal((await fetchProfile(order.sid)).status, 'installed');
  });

  test('a matching ID bound to an EID is refused to another eUICC with 8.1.1 / 3.8', async () => {
    const eid = newEid();
    const order = await server().order({ Eid: eid, GenerateMatchingId: 'true' });
    await assert.rejects(newPhone(server()).download(order.activation_code), {
      name: 'Es9PlusError',
      subjectCode: '8.1.1',
      reasonCode: '3.8',
    });
    assert.equal((await fetchProfile(order.sid)).status, 'available');
    const euicc = newEuicc(server(), { eid });
    await newPhone(server(), { euicc }).download(order.activation_code);
    assert.equal((await fetchProfile(order.sid)).status, 'installed');
  });

  test('an unknown matching ID is refused with 8.2.6 / 3.8', async () => {
    const { smdpAddress } = server().config;
    await assert.rejects(newPhone(server()).download(`1$${smdpAddress}$NO-SUCH-ID`), {
      subjectCode: '8.2.6',
      reasonCode: '3.8',
    });
  });

  test('a second download of an installed profile is refused', async () => {
    const order = await server().order({ GenerateMatchingId: 'true' });
    const euicc = newEuicc(server());
    await newPhone(server(), { euicc }).download(order.activation_code);
    await assert.rejects(newPhone(server()).download(order.activation_code), {
      subjectCode: '8.1.1',
      reasonCode: '3.8',
    });
  });

  test('with a confirmation code: the activation code has the flag, and the device must send the code', async () => {
    const form = { GenerateMatchingId: 'true', ConfirmationCode: '2580' };
    const order = await server().order(form);
    assert.match(order.activation_code, /\$\$1$/);
    const euicc = newEuicc(server());
    await assert.rejects(
      newPhone(server(), { euicc }).download(order.activation_code, { confirmationCode: '0000' }),
      { subjectCode: '8.2.7', reasonCode: '3.8' },
    );
    await newPhone(server(), { euicc }).download(order.activation_code, {
      confirmationCode: '2580',
    });
    assert.equal((await fetchProfile(order.sid)).status, 'installed');
  });

  test('ListEsimProfileRspLog: leaves an RSP log: every call with its device and its result in words, without secrets', async () => {
    const order = await server().order({
      GenerateMatchingId: 'true',
      ConfirmationCode: '2580147036',
    });
    const euicc = newEuicc(server());
    const phone = newPhone(server(), { euicc });
    await assert.rejects(phone.download(order.activation_code, { confirmationCode: '0000' }));
    await phone.download(order.activation_code, { confirmationCode: '2580147036' });
    const { json, text } = await server().request(`/v1/ESimProfiles/${order.sid}/RspLog`);
    assert.equal(json.meta.key, 'rsp_log');
    const log = json.rsp_log.toReversed();
    assert.deepEqual(
      log.map((entry: any) => [entry.function, entry.status]),
      [
        ['initiateAuthentication', 'Executed-Success'],
        ['authenticateClient', 'Executed-Success'],
        ['getBoundProfilePackage', 'Failed'],
        ['initiateAuthentication', 'Executed-Success'],
        ['authenticateClient', 'Executed-Success'],
        ['getBoundProfilePackage', 'Executed-Success'],
        ['handleNotification', 'Executed-Success'],
      ],
    );
    const [, client, refused] = log;
    assert.equal(client.eid, euicc.eid);
    assert.equal(client.tac, '35693803');
    assert.match(client.request, /value AuthenticateServerResponse ::= /);
    assert.deepEqual(
      [refused.subject_code, refused.subject, refused.reason_code, refused.reason],
      ['8.2.7', 'Confirmation code', '3.8', 'Refused'],
    );
    assert.doesNotMatch(text, /2580147036/);
    assert.equal((await fetchProfile(order.sid)).status, 'installed');
  });
});
