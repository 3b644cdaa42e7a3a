// The parameter Search of the list: finds a profile by what people paste, type and read off a label.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { isFoundBy, searchTerms } from '../../src/operator/esim-profile-search.ts';
import { changeStatus, insertEsimProfile } from '../../src/operator/esim-profile.ts';

import { onEachDatabase, serverOn } from '../databases.ts';
import { subscriptionRow } from '../store/subscription-row.ts';
import { unitAt } from '../unit.ts';

const ICCID = '8949440000009000074';
const MATCHING_ID = 'CAFSK-GKDYH-ENLWS-YN3XZ-3ZJBH';
const EID = '89049032005008882600033489aaBBcc';
const SID = `HP019a${'0'.repeat(20)}7f3a9b21`;
const SIM_SID = `HS019b${'0'.repeat(20)}11112222`;
const PROFILE = { sid: SID, sim_sid: SIM_SID, iccid: ICCID, eid: EID, matching_id: MATCHING_ID };

/** Texts that find that profile and no other. */
const FOUND: [what: string, text: string][] = [
  ['an activation code as encoded in a QR code', `LPA:1$smdp.example.com$${MATCHING_ID}`],
  ['its prefix in lower case', `lpa:1$smdp.example.com$${MATCHING_ID}`],
  ['without its prefix', `1$smdp.example.com$${MATCHING_ID}`],
  ['that requires a confirmation code', `LPA:1$smdp.example.com$${MATCHING_ID}$$1`],
  [
    'pasted with blanks and line breaks',
    ` LPA:1$smdp.example.com$ CAFSK-GKDYH-\n ENLWS-YN3XZ-3ZJBH\t`,
  ],
  ['with an invisible character', `\uFEFFLPA:1$smdp.example.com$${MATCHING_ID}\u200B`],
  ['partly typed', 'LPA:1$smdp.example.com$CAFS'],
  ['a matching ID', MATCHING_ID],
  ['a matching ID without dashes', 'CAFSKGKDYHENLWSYN3XZ3ZJBH'],
  ['a matching ID in lower case', 'cafsk-gkdyh-enlws-yn3xz-3zjbh'],
  ['the beginning of a matching ID', 'cafsk-gk'],
  ['the beginning of a matching ID without dashes', 'CAFSKGK'],
  ['a SID', SID],
  ['a SID in upper case', SID.toUpperCase()],
  ['a SID without HP', SID.slice(2)],
  ['the beginning of a SID', 'HP019a0'],
  ['a SID as the console shortens it', `${SID.slice(0, 10)}…${SID.slice(-6)}`],
  ['a SID shortened by three dots', `${SID.slice(0, 10)}...${SID.slice(-6)}`],
  ['the SID of its Sim', SIM_SID],
  ['a matching ID as the console shortens it', 'CAFSK-GKDY…-3ZJBH'],
  ['an EID as the console shortens it', '8904903200…aaBBcc'],
  ['an ICCID', ICCID],
  ['an ICCID in groups', '8949 4400 0000 9000 074'],
  ['an ICCID with its filler', `${ICCID}F`],
  ['an ICCID with its filler in lower case', `${ICCID}f`],
  ['the end of an ICCID', '90000 74'],
  ['the end of an ICCID with its filler', '9000074f'],
  ['a longer end of an ICCID', '0000009000074'],
  ['the beginning of an ICCID', '8949440'],
  ['an EID', EID],
  ['an EID in upper case', EID.toUpperCase().replace('AABBCC', 'aaBBcc')],
  ['the end of an EID', '89aaBBcc'],
  ['the beginning of an EID', '890490320'],
];
const NOT_FOUND = [
  '7f3a9b21', // the end of the SID
  `HP${'0'.repeat(32)}`,
  'LPA:1$smdp.example.com$AAAAA-AAAAA',
  `${SID.slice(0, 10)}…000000`,
  `HP01aaaa…${SID.slice(-6)}`,
  '9000', // in the middle of the ICCID
  'no identifier!',
  '%%%%',
  '____',
  'ÄÖÜß',
  "' or 1=1 --",
  'x'.repeat(512),
];

/** A subscription, of which only the ICCID matters. */
const subscription = (accountSid: string, iccid: string) =>
  subscriptionRow({ account_sid: accountSid, iccid, state: 'Released', order_number: 1 });

describe('possible meanings of a text', () => {
  for (const [what, text] of FOUND) {
    test(`${what}: ${JSON.stringify(text)}`, () => {
      assert.ok(isFoundBy(searchTerms(text)!, PROFILE));
    });
  }
  for (const matchingId of ['HPERR-LH3J3-MDWF4-TRQTZ-KQ9PS', 'HS2AB-LH3J3-MDWF4-TRQTZ-KQ9PS']) {
    for (const text of [
      matchingId,
      matchingId.replaceAll('-', ''),
      matchingId.slice(0, 4).toLowerCase(),
      `${matchingId.slice(0, 10)}…${matchingId.slice(-6)}`,
    ]) {
      test(`a matching ID that begins like a SID: ${text}`, () => {
        assert.ok(isFoundBy(searchTerms(text)!, { ...PROFILE, matching_id: matchingId }));
      });
    }
  }
  test('up to three characters, or an activation code without its matching ID: nothing yet', () => {
    for (const text of [
      '',
      ' ',
      '007',
      '0-0-7',
      'lpa',
      'LPA:',
      'LPA:1$',
      'LPA:1$smdp.example.com',
      '1$a$',
      '1$a$AB-C',
      'HP01…a1',
    ]) {
      assert.equal(searchTerms(text), undefined, text);
    }
  });
});

onEachDatabase('Search', (database) => {
  const server = serverOn(database, { stock: 0 });

  async function insert(fields: typeof PROFILE, accountSid = server().account.username) {
    const { sid, eid, ...reserved } = fields;
    const now = new Date();
    await server().server.context.store.transaction(async (tables) => {
      const ordered = {
        account_sid: accountSid,
        sid,
        eid,
        generate_matching_id: 1 as const,
        profile_type: null,
        confirmation_code: null,
        callback_url: null,
        callback_method: 'POST' as const,
      };
      const row = await insertEsimProfile(ordered, { cause: 'test' }, unitAt(tables, now));
      const taken = await changeStatus(
        row,
        'reserving',
        {},
        { cause: 'test' },
        unitAt(tables, now),
      );
      await changeStatus(taken, 'available', reserved, { cause: 'test' }, unitAt(tables, now));
      await tables.subscriptions.insertMany([subscription(accountSid, fields.iccid)]);
    });
  }
  const search = async (text: string, rest = '') => {
    const query = `Search=${encodeURIComponent(text)}${rest}`;
    return server().request(`/v1/ESimProfiles?${query}`);
  };
  const found = async (text: string, rest = ''): Promise<string[]> => {
    const { status, json } = await search(text, rest);
    assert.equal(status, 200, JSON.stringify(json));
    return json.esim_profiles.map(({ sid }: { sid: string }) => sid);
  };
  const pad = (number: number, length: number) => String(number).padStart(length, '0');
  /** More than a search returns; with different endings and the same beginning of the ICCID. */
  const OTHERS = 1001;
  const otherSid = (index: number) => `HP018${pad(index, 29)}`;

  before(async () => {
    await insert(PROFILE);
    for (let index = 0; index < OTHERS; index++) {
      await insert({
        sid: otherSid(index),
        sim_sid: `HS018${pad(index, 29)}`,
        iccid: `8988${pad(index, 11)}1234`,
        eid: `8900000000500888260003348${pad(index, 7)}`,
        matching_id: `AAAAA-BBBBB-CCCCC-DDDDD-${pad(index, 5)}`,
      });
    }
    const { username } = await server().addAccount(0);
    await insert(PROFILE, username);
  });

  for (const [what, text] of FOUND) {
    test(`finds a profile by ${what}`, async () => assert.deepEqual(await found(text), [SID]));
  }

  test('finds nothing if nothing matches, never the whole list', async () => {
    for (const text of NOT_FOUND) assert.deepEqual(await found(text), [], text);
  });

  test('is paged both ways, with the other filters', async () => {
    // Ten EIDs and ten matching IDs end with it.
    const text = '0007';
    const all = (await found(text, '&PageSize=1000')).toSorted().toReversed();
    assert.ok(all.length > 0);
    const walked: string[] = [];
    let url: string | null = `/v1/ESimProfiles?Search=${text}&Status=available,failed&PageSize=1`;
    let last = url;
    while (url !== null) {
      last = url;
      const { json } = await server().request(url);
      walked.push(...json.esim_profiles.map(({ sid }: { sid: string }) => sid));
      url = json.meta.next_page_url;
    }
    assert.deepEqual(walked, all);
    const back = (await server().request(last)).json.meta.previous_page_url;
    if (all.length > 1) {
      assert.equal((await server().request(back)).json.esim_profiles[0].sid, all.at(-2));
    }
    assert.deepEqual(await found(text, '&Status=failed'), []);
    assert.deepEqual(await found(ICCID, `&Eid=${EID}`), [SID]);
    assert.deepEqual(await found(ICCID, '&Eid=0'), []);
    assert.deepEqual(await found(ICCID, '&DateCreatedBefore=2020-01-01'), []);
  });

  test('a text too short, or more than 1000 matches, are 400/20001, explained in words', async () => {
    for (const [text, message] of [
      ['074', "expected 4 or more characters of an identifier or a friendly name; got '074'"],
      [
        'LPA:1$a$',
        "expected 4 or more characters of an identifier or a friendly name; got 'LPA:1$a$'",
      ],
      ['8988', "more than 1000 eSIM Profiles match '8988'; expected more of it"],
      ['1234', "more than 1000 eSIM Profiles match '1234'; expected more of it"],
      ['y'.repeat(513), `expected at most 512 characters; got '${'y'.repeat(99)}…`],
    ] as const) {
      const { status, json } = await search(text);
      assert.deepEqual(
        [status, json.code, json.message],
        [400, 20001, `Invalid parameter Search: ${message}`],
      );
    }
    assert.equal((await search('')).json.esim_profiles.length, 50);
  });
});
