// SGP32Definitions: the exact bytes, and other forms in which peers write them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { DerError } from '../../src/rsp/der-error.ts';
import { describeMessage } from '../../src/rsp/describe.ts';
import { iotMessages } from './iot-messages.ts';
import { hex, toHex } from './vectors.ts';

const compact = (der: string) => toHex(hex(der));

describe('SGP.32 §2.11.1.1 to §2.11.1.4, §2.11.2.1 to §2.11.2.3, §6.3.2.1 to §6.3.2.8, §5.9.4 to §5.9.24 messages', () => {
  test('SGP.32 §2.11.1.1 a package is written in ASN.1 value notation, also what it has that is unknown', () => {
    const der = hex(
      `bf5134 302f 800165 5a10 89049032123451234512345678901235 810107 a015
       a30e 5a0a 98001032547698103214 0500 af03 800101 5f3700`,
    );
    assert.equal(
      describeMessage('EuiccPackageRequest', der),
      [
        'value EuiccPackageRequest ::= {',
        '  euiccPackageSigned {',
        '    eimId "e",',
        "    eidValue '89049032123451234512345678901235'H,",
        '    counterValue 7,',
        '    euiccPackage psmoList : {',
        '      enable : {',
        "        iccid '98001032547698103214'H -- 89000123456789012341 --,",
        '        rollbackFlag NULL',
        '      },',
        "      unknown : 'AF03800101'H",
        '    }',
        '  },',
        "  eimSignature ''H",
        '}',
      ].join('\n'),
    );
  });

  for (const { title, type, value, der, others } of iotMessages) {
    test(`SGP.32 ${title} has the bytes of the standard`, () => {
      assert.equal(toHex(type.encode(value)), compact(der));
      assert.deepEqual(type.decode(hex(der)), value);
    });

    for (const [form, other] of Object.entries(others)) {
      test(`SGP.32 ${title} is also read with ${form}`, () => {
        assert.deepEqual(type.decode(hex(other)), value);
        assert.equal(toHex(type.encode(type.decode(hex(other)))), compact(der));
      });
    }
  }

  test('truncated or changed messages are decoded or refused with a DerError', () => {
    for (const { type, der } of iotMessages) {
      const bytes = hex(der);
      for (let size = 0; size < bytes.length; size += 1) {
        assert.throws(() => type.decode(bytes.subarray(0, size)), DerError);
      }
      const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), {
        minLength: 1,
        maxLength: 4,
      });
      const isHandled = fc.property(changes, (changed) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, byte] of changed) copy[at] = byte;
        try {
          type.notation(type.decode(copy), '');
        } catch (error) {
          assert.ok(error instanceof DerError, String(error));
        }
      });
      fc.assert(isHandled, { seed: 32, numRuns: 100 });
    }
  });
});
