#!/usr/bin/env bash
# @peculiar/asn1-schema: what it parses and serializes again is not what it read.
#
# Expected: AsnConvert.serialize(AsnConvert.parse(der)) returns the DER that it got. DER has one encoding of
# each value (X.690 §10, §11), and whatever is signed in RSP (euiccSigned1, serverSigned1 and the
# notifications, SGP.22 §5.6 and §5.7) is verified over that encoding.
#
# What happens, with the package's own converters for AsnPropTypes.Integer and AsnPropTypes.BitString:
# - INTEGER: a value of up to three octets is a number, a longer one a string of digits, which is turned into
#   a number for writing. Beyond 2^53 the last digits are lost: 9007199254740993 is written as ...992. And
#   18446744073709551615 is written without contents, which is no INTEGER (X.690 §8.3.1). No error in either.
#   The type changes with the value, so a test with small numbers passes. AsnIntegerBigIntConverter is right,
#   but has to be named at every property.
# - BIT STRING: the number of unused bits is dropped, so two bits come back as eight. In RSP the bits of
#   pprIds, rspCapability or notificationEvent are named bits, whose trailing zeros DER forbids (§11.2.2), so
#   nearly all of them have unused bits.
#
# Versions: @peculiar/asn1-schema 2.11.1 with asn1js 4.0.0.
#
# Here: Simwright's own reader keeps the octets as received, and signatures are verified over those
# (src/rsp/der.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @peculiar/asn1-schema@2.11.1 asn1js@4.0.0
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { AsnConvert, AsnProp, AsnPropTypes, AsnType, AsnTypeTypes } = require('@peculiar/asn1-schema');
const { AsnIntegerBigIntConverter } = require('@peculiar/asn1-schema');

/** SEQUENCE { value } */
function sequenceOf(property) {
  class Sequence {}
  AsnType({ type: AsnTypeTypes.Sequence })(Sequence);
  AsnProp(property)(Sequence.prototype, 'value');
  return Sequence;
}
const INTEGER = sequenceOf({ type: AsnPropTypes.Integer });
const BIG_INTEGER = sequenceOf({ type: AsnPropTypes.Integer, converter: AsnIntegerBigIntConverter });
const BIT_STRING = sequenceOf({ type: AsnPropTypes.BitString });

function again(type, hex) {
  const parsed = AsnConvert.parse(Buffer.from(hex.replaceAll(' ', ''), 'hex'), type);
  const value = parsed.value instanceof ArrayBuffer ? Buffer.from(parsed.value).toString('hex') : parsed.value;
  return [value, Buffer.from(AsnConvert.serialize(parsed)).toString('hex')];
}

console.log(`@peculiar/asn1-schema ${require('./node_modules/@peculiar/asn1-schema/package.json').version}`);
for (const [what, type, der, value, written] of [
  ['INTEGER 65535', INTEGER, '3005 0203 00ffff', 65535, '3005020300ffff'],
  ['INTEGER 2^31 - 1', INTEGER, '3006 0204 7fffffff', '2147483647', '300602047fffffff'],
  ['INTEGER 2^53 + 1', INTEGER, '3009 0207 20000000000001', '9007199254740993', '3009020720000000000000'],
  ['INTEGER 2^64 - 1', INTEGER, '300b 0209 00ffffffffffffffff', '18446744073709551615', '30020200'],
  ['INTEGER 2^53 + 1, as bigint', BIG_INTEGER, '3009 0207 20000000000001', 9007199254740993n, '3009020720000000000001'],
  ['BIT STRING of 2 bits', BIT_STRING, '3004 0302 06c0', 'c0', '3004030200c0'],
  ['BIT STRING of 10 bits', BIT_STRING, '3005 0303 06ffc0', 'ffc0', '3005030300ffc0'],
]) {
  const seen = again(type, der);
  console.log(`${what}: read ${der}, ${typeof seen[0]} ${seen[0]}, written ${seen[1]}`);
  assert.deepEqual(seen, [value, written], what);
}
JS
node finding.mjs
echo "The behaviour is the one recorded above."
