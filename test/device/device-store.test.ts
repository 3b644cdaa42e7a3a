import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DeviceStore, type DeviceRecord } from '../../src/device/device-store.ts';
import { testEuicc } from './phone.ts';
import { testPki } from './test-pki.ts';

describe('devices in a data folder', () => {
  test('are saved, found, listed and removed, for their owner only', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'simwright-devices-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const store = new DeviceStore(folder);
    assert.deepEqual(store.list(), []);
    const device: DeviceRecord = {
      name: 'phone',
      imei: '356938035643809',
      dateCreated: '2026-01-01T00:00:00.000Z',
      tlsCis: [],
      euicc: testEuicc(testPki()).state,
    };
    store.save(device);
    store.save({ ...device, name: 'Meter_7' });
    assert.deepEqual(store.find('phone'), device);
    assert.deepEqual(
      store.list().map(({ name }) => name),
      ['Meter_7', 'phone'],
    );
    assert.equal(statSync(join(folder, 'devices/phone.json')).mode & 0o777, 0o600);
    store.remove('phone');
    assert.equal(store.find('phone'), undefined);
  });

  test('have names that are not paths', () => {
    const store = new DeviceStore('unused');
    for (const name of ['', '../x', 'a/b', '.hidden', 'a'.repeat(33)]) {
      assert.throws(() => store.find(name), RangeError);
    }
  });
});
