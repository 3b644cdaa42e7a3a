// Unusual ICCIDs of real cards, from the stock file to the device: without a Luhn digit, or with hexadecimal digits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disableProfile } from '../../src/device/disableProfile.ts';
import { enableProfile } from '../../src/device/enableProfile.ts';
import {
  DisableProfileRequest,
  EnableProfileRequest,
  EnableProfileResponse,
} from '../../src/rsp/definitions/local-functions.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { newPhone } from './phone.ts';

const KI = '00112233445566778899AABBCCDDEEFF';
const OPC = 'FFEEDDCCBBAA99887766554433221100';
const CSV = (iccid: string, imsi: string) => `ICCID,IMSI,Ki,OPC\n${iccid},${imsi},${KI},${OPC}\n`;

onEachDatabase('with SIMWRIGHT_ICCID_CHECK_DIGIT=off', (database) => {
  const env = { SIMWRIGHT_ICCID_CHECK_DIGIT: 'off' };
  const running = serverOn(database, { es9: true, stock: 0, env });

  for (const [title, written, iccid] of [
    ['that does not end with its check digit', '8949440000009000075', '8949440000009000075'],
    ['of 20 digits, some hexadecimal', '898600a1b2c3d4e5678e', '898600A1B2C3D4E5678E'],
    [
      'of 19 digits, some hexadecimal, with its filler',
      '898600A123456789ABCf',
      '898600A123456789ABC',
    ],
    ['of 18 digits with two fillers', '898600A12345678901FF', '898600A12345678901'],
  ] as const) {
    test(`an ICCID ${title} is ordered, found, downloaded, enabled and reported`, async () => {
      const server = running();
      const as = await server.addAccount(0);
      const csv = CSV(written, '999700000900007');
      const imported = await server.request('/v1/Stock/Imports', { csv, as });
      assert.equal(imported.json.imported, 1, imported.text);

      const order = await server.order({ GenerateMatchingId: 'true' }, as);
      assert.deepEqual([order.status, order.iccid], ['available', iccid]);
      for (const path of ['/v1/ESimProfiles', '/v1/Sims']) {
        for (const text of [
          iccid,
          iccid.toLowerCase(),
          iccid.padEnd(20, 'F'),
          ` ${iccid.slice(0, 4)} ${iccid.slice(4)}f`,
        ]) {
          const { json } = await server.request(`${path}?Iccid=${encodeURIComponent(text)}`, {
            as,
          });
          const [record] = json.esim_profiles ?? json.sims;
          assert.equal(record?.iccid, iccid, `${path} ${text}`);
        }
      }

      const phone = newPhone(server);
      const loaded = await phone.download(order.activation_code);
      assert.equal(loaded.iccid, iccid);
      const profileIdentifier = { iccid: encodeIccid(iccid) };
      const request = EnableProfileRequest.encode({ profileIdentifier, refreshFlag: true });
      const response = EnableProfileResponse.decode(enableProfile(phone.euicc, request));
      assert.equal(response.enableResult, 0);
      disableProfile(
        phone.euicc,
        DisableProfileRequest.encode({ profileIdentifier, refreshFlag: true }),
      );
      const { failed } = await phone.sendNotifications();
      assert.deepEqual(failed, []);
      const { json } = await server.request(`/v1/ESimProfiles/${order.sid}/Events`, { as });
      assert.deepEqual(
        json.events.slice(0, 3).map(({ status, cause }: any) => [status, cause]),
        [
          ['installed', 'disabled on the device'],
          ['installed', 'enabled on the device'],
          ['installed', 'installed on the device'],
        ],
      );
    });
  }
});

onEachDatabase('by default', (database) => {
  const running = serverOn(database, { stock: 0 });

  test('such an ICCID is refused, and one with filler is accepted', async () => {
    const server = running();
    for (const [iccid, message] of [
      ['8949440000009000075', "expected the check digit 4 at the end; got '8949440000009000075'"],
      [
        '898600a1b2c3d4e5678ef',
        "expected decimal digits, because SIMWRIGHT_ICCID_CHECK_DIGIT is on; got '898600A1B2C3D4E5678E'",
      ],
    ] as const) {
      const csv = CSV(iccid, '999700000900007');
      const { status, json } = await server.request('/v1/Stock/Imports', { csv });
      assert.deepEqual([status, json.problems], [400, [{ line: 2, column: 'iccid', message }]]);
    }
    const csv = CSV('8949440000009000074F', '999700000900007');
    assert.equal((await server.request('/v1/Stock/Imports', { csv })).json.imported, 1);
    const order = await server.order({ GenerateMatchingId: 'true' });
    assert.equal(order.iccid, '8949440000009000074');
  });
});
