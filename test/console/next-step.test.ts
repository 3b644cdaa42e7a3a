// What the page of an eSIM Profile tells its reader: from status, history and error code to words and buttons.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { euiccStep } from '../../src/console/app/iot/euicc-step.ts';
import { operationStep } from '../../src/console/app/iot/operation-step.ts';
import type { Euicc, EuiccOperation } from '../../src/console/app/iot/types.ts';
import { changeInWords } from '../../src/console/app/pages/change-in-words.ts';
import { failureInWords } from '../../src/console/app/pages/failure-in-words.ts';
import { nextStep } from '../../src/console/app/pages/next-step.ts';
import { possibilitiesOf } from '../../src/console/app/pages/order-actions.ts';
import type { EsimProfile, EsimProfileEvent } from '../../src/console/app/types.ts';
import { errorReasons } from '../../src/rsp/reasons.ts';

const NOW = Date.parse('2026-11-23T15:00:00Z');
const EID = '89049032000000000002045441450189';
const CODE = '1$smdp.example.com$SA22Y-FKY83';

const profileWith = (values: Partial<EsimProfile>): EsimProfile => ({
  sid: `HP${'0'.repeat(32)}`,
  account_sid: `AC${'0'.repeat(32)}`,
  iccid: '8999901000000000013',
  sim_sid: `HS${'0'.repeat(32)}`,
  status: 'available',
  eid: null,
  smdp_plus_address: 'smdp.example.com',
  matching_id: 'SA22Y-FKY83',
  activation_code: CODE,
  error_code: null,
  error_message: null,
  date_created: '2026-11-23T14:59:59Z',
  date_updated: '2026-11-23T14:59:59Z',
  ...values,
});
const eventWith = (values: Partial<EsimProfileEvent>): EsimProfileEvent => ({
  sid: `EV${'0'.repeat(32)}`,
  esim_profile_sid: `HP${'0'.repeat(32)}`,
  type: 'notification',
  status: 'installed',
  previous_status: 'installed',
  cause: '',
  detail: null,
  date_created: '2026-11-23T14:59:59Z',
  ...values,
});
const reported = (cause: string, detail: string | null = null) => [eventWith({ cause, detail })];
const step = (values: Partial<EsimProfile>, events: EsimProfileEvent[] = [], now = NOW) =>
  nextStep(profileWith(values), events, now);
const MINUTES = 60_000;

describe('the next step of an eSIM Profile', () => {
  const gone = { sid: `HP${'1'.repeat(32)}` };
  const cases: [what: string, found: ReturnType<typeof step>, title: string, offers: string][] = [
    ['new', step({ status: 'new' }), 'Wait a moment', ''],
    ['reserving', step({ status: 'reserving' }), 'Wait a moment', ''],
    [
      'new for long: no server takes it',
      step({ status: 'new' }, [], NOW + 20 * MINUTES),
      'Ask whoever runs the server',
      'cancel',
    ],
    ['available', step({}), 'Give the code to whoever installs the profile', 'link qr'],
    [
      'available, for a device without a code',
      step({ eid: EID, activation_code: null, matching_id: null }),
      'Start the download on the device',
      'reissue',
    ],
    ['downloaded just now', step({ status: 'downloaded', eid: EID }), 'Wait for the device', ''],
    [
      'downloaded, and not confirmed for long',
      step({ status: 'downloaded', eid: EID }, [], NOW + 20 * MINUTES),
      'Check the device',
      'cancel',
    ],
    [
      'downloaded, and the device has no room',
      step(
        { status: 'downloaded', eid: EID },
        reported(
          'installation failed on the device',
          'loadProfileElements: installFailedDueToInsufficientMemoryForProfile',
        ),
      ),
      'Try again on the same device',
      'cancel',
    ],
    ['installed', step({ status: 'installed', eid: EID }), 'Nothing to do here', ''],
    [
      'installed and enabled',
      step({ status: 'installed', eid: EID }, reported('enabled on the device')),
      'Nothing to do',
      '',
    ],
    [
      'installed and deleted again',
      step({ status: 'installed', eid: EID }, [
        ...reported('deleted on the device'),
        ...reported('enabled on the device'),
      ]),
      'Release it again, if it is still needed',
      'reorder',
    ],
    [
      'installed, deleted and released again',
      step(
        { status: 'installed', eid: EID, replaced_by_sid: gone.sid },
        reported('deleted on the device'),
      ),
      'Go on with the new order',
      'replacement',
    ],
    [
      'failed for want of stock',
      step({ status: 'failed', error_code: '83500' }),
      'There was no subscription left in stock',
      'stock reorder',
    ],
    [
      'cancelled',
      step({ status: 'failed', error_code: '83590' }),
      'The order was cancelled',
      'reorder',
    ],
    [
      'failed and ordered again',
      step({ status: 'failed', error_code: '83591', replaced_by_sid: gone.sid }),
      'Go on with the new order',
      'replacement',
    ],
  ];
  for (const [what, { title, offers }, expected, buttons] of cases) {
    test(`${what}: ${expected}`, () => {
      assert.deepEqual([title, offers.join(' ')], [expected, buttons]);
    });
  }

  test('names what matters now: the device, the confirmation code, a wrong code, a late installation', () => {
    const expires_at = '2026-12-31T18:00:00Z';
    assert.match(step({ expires_at }).notes.join(), /^It must be downloaded before .*2026/);
    const withCode = { eid: EID, activation_code: `${CODE}$$1` };
    assert.deepEqual(step(withCode, reported('confirmation code refused')).notes, [
      'A wrong confirmation code was entered on the device. Five wrong ones end the order.',
      `Only the device with EID ${EID} can use the code.`,
      'The device will ask for the confirmation code: send it separately.',
    ]);
    const cancelled = { status: 'failed', error_code: '83590' } as const;
    assert.deepEqual(step(cancelled, reported('installed on the device')).notes, [
      'The device had downloaded it before, and has installed it nevertheless.',
    ]);
  });
});

describe('why an order has failed', () => {
  const refusal = failureInWords('8.2.1/3.9');

  test('every code of docs/troubleshooting.md that an order of the API can fail with has words of its own', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/troubleshooting.md'), 'utf8');
    const section = text.split('## What an order failed with')[1]!.split('\n## ')[0]!;
    const rows = Array.from(section.matchAll(/^\| `([\d./]+)` +\| (.*)$/gm));
    const ours = rows.filter(([, , row]) => !row!.startsWith('ES2+')).map(([, code]) => code!);
    assert.ok(ours.length >= 11, ours.join());
    for (const code of ours) assert.notDeepEqual(failureInWords(code), refusal, code);
  });

  test('SGP.22 §2.5.6: what an eUICC reports is about the device, whatever the reason', () => {
    for (const reason of Object.values(errorReasons)) {
      const { what } = failureInWords(`5/${reason}`);
      assert.match(what, /device/, String(reason));
    }
    assert.equal(failureInWords('5/10').what, 'The device has no room for the profile');
  });

  test('an unknown code is a refusal by the server', () => {
    assert.deepEqual([failureInWords('9.9.9/9.9'), failureInWords(null)], [refusal, refusal]);
  });
});

test('changes of an order are told in words of their own', () => {
  assert.equal(
    changeInWords('bound to no EID; no longer expires'),
    'any device with the code can download it; no longer expires',
  );
  assert.equal(
    changeInWords(`bound to EID ${EID}`),
    `only the device with EID ${EID} can download it`,
  );
  assert.equal(
    changeInWords('matching ID re-issued'),
    'new activation code; the old one no longer works',
  );
  assert.match(changeInWords('expires at 2026-12-31T18:00:00Z'), /^expires on .*2026/);
  assert.equal(changeInWords('something newer'), 'something newer');
});

test('what is not possible is explained, and what has been replaced leads to its successor', () => {
  const of = (values: Partial<EsimProfile>, events: EsimProfileEvent[] = []) =>
    possibilitiesOf(profileWith(values), events);
  assert.deepEqual(of({}), { actions: ['reissue', 'bind', 'code', 'expire', 'cancel'] });
  assert.deepEqual(of({ status: 'failed' }).actions, ['reorder']);
  assert.deepEqual(of({ status: 'installed' }, reported('deleted on the device')).actions, [
    'reorder',
  ]);
  for (const values of [
    { status: 'new' },
    { status: 'reserving' },
    { status: 'downloaded' },
    { status: 'installed' },
    { status: 'failed', replaced_by_sid: `HP${'1'.repeat(32)}` },
  ] as const) {
    assert.ok(of(values).why, values.status);
  }
});

describe('what an operation on an eUICC waits for', () => {
  const WHY = 'The IPA at pump.example.com: the connection was refused';
  const queued = {
    kind: 'listProfileInfo',
    status: 'queued',
    error_code: null,
    error_message: WHY,
    failed_attempts: 0,
    parameters: {},
  } as unknown as EuiccOperation;
  const polling = {
    status: 'associated',
    ipa_url: null,
    date_seen: '2026-11-23T14:59:59Z',
  } as unknown as Euicc;
  const listening = { ...polling, ipa_url: 'https://pump.example.com/' };

  test('a device that polls gets it then, one whose IPA listens as soon as that can be reached', () => {
    for (const [euicc, when] of [
      [polling, 'when it polls the next time'],
      [listening, 'as soon as its IPA can be reached'],
    ] as const) {
      assert.ok(euiccStep(euicc, [queued], NOW).text.includes(when));
      assert.ok(operationStep(queued, [], euicc).text.includes(when));
    }
  });

  test('what keeps it from going on is said', () => {
    assert.deepEqual(euiccStep(listening, [queued], NOW).notes, [`${WHY}. It is tried again.`]);
    for (const status of ['queued', 'sent'] as const) {
      const { notes } = operationStep({ ...queued, status }, [], listening);
      assert.deepEqual(notes, [`${WHY}. It is tried again.`]);
    }
  });
});
