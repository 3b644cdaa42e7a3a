// Names whose name servers do not answer do not hold up those of other accounts.
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { describe, mock, test } from 'node:test';
import { Lookups } from '../../src/outgoing/lookups.ts';
import { Slots } from '../../src/outgoing/slots.ts';

type Done = (error: Error | null, found: dns.LookupAddress[]) => void;

/** Lookups that never end by themselves; `asked` lists those that have begun. */
function silentNames(context: { after: (work: () => void) => void }) {
  const asked = new Map<string, () => void>();
  const { mock: lookup } = mock.method(dns, 'lookup', (name: string, _: unknown, done: Done) =>
    asked.set(name, () => {
      asked.delete(name);
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    }),
  );
  context.after(() => lookup.restore());
  const lookups = new Lookups(new Slots({ total: 32, perReceiver: 1 }));
  const attempts = new AbortController();
  const ask = (account: string, name: string, ended = attempts.signal) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    lookups.resolve(account, name, {}, ended, (_error, [found]) => resolve(found!.address));
    return promise;
  };
  return { asked, ask };
}

describe('names', () => {
  test('of another account are resolved at once, however many of one do not resolve', async (context) => {
    const { asked, ask } = silentNames(context);
    for (let serial = 0; serial < 1000; serial++) void ask('A', `silent-${serial}.example`);
    assert.equal(asked.size, 16);
    const healthy = ask('B', 'healthy.example');
    asked.get('healthy.example')!();
    assert.equal(await healthy, '127.0.0.1');
  });

  test('requested many times are looked up one after the other', async (context) => {
    const { asked, ask } = silentNames(context);
    const both = [ask('A', 'same.example'), ask('A', 'same.example')];
    const other = ask('A', 'other.example');
    assert.deepEqual([...asked.keys()], ['same.example', 'other.example']);
    for (let left = 3; left > 0; left--) [...asked.values()][0]!();
    assert.deepEqual(await Promise.all([...both, other]), Array(3).fill('127.0.0.1'));
  });

  test('of an ended attempt are no longer looked up', (context) => {
    const { asked, ask } = silentNames(context);
    const attempt = new AbortController();
    void ask('A', 'same.example');
    void ask('A', 'same.example', attempt.signal);
    attempt.abort();
    asked.get('same.example')!();
    assert.equal(asked.size, 0);
  });
});
