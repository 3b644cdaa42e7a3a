#!/usr/bin/env bash
# Six ASN.1 libraries read the OBJECT IDENTIFIER 2.999.10 as another one, or cannot write it.
#
# Expected: X.690 §8.19.4 packs the first two arcs into one number, 40 * first + second, and only where the
# first arc is 0 or 1 is the second below 40. Below arc 2 any second arc is allowed, so the number may be above
# 127 and then takes several octets (§8.19.2). §8.19.5 gives {2 100 3} as its example: 06 03 81 34 03. The arc
# 2.999 is reserved for examples, and SGP.26 identifies every test SM-DP+ by an OID below it (2.999.10 is the
# usual one): as registeredID in the certificates, in activation codes (SGP.22 §4.1) and in cancelSession.
#
# What happens: the libraries divide by 40 although the first arc cannot be above 2, and some divide only the
# first octet. The result is a well-formed OID that does not exist (26.39.10, 3.16.55.10), without an error;
# even 2.47 becomes 3.7. Written, it is refused or becomes other octets. Policies such as 2.23.146.1.2.1.4
# are right in all of them, so a test with the GSMA's policy OIDs passes.
#
# Versions: asn1 0.2.6, asn1.js 5.4.1, @fidm/asn1 1.0.4, asn1-ber 1.2.2, @ldapjs/asn1 2.0.0, jsrsasign 11.1.5.
# Right: node-forge 1.4.3, asn1js 4.0.0.
#
# Here: Simwright reads and writes OIDs itself (src/rsp/der-values.ts), by §8.19.4.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error asn1@0.2.6 asn1.js@5.4.1 \
  @fidm/asn1@1.0.4 asn1-ber@1.2.2 @ldapjs/asn1@2.0.0 jsrsasign@11.1.5 node-forge@1.4.3 asn1js@4.0.0
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const asn1 = require('asn1').Ber;
const asn1Ber = require('asn1-ber').Ber;
const { BerReader, BerWriter } = require('@ldapjs/asn1');
const fidm = require('@fidm/asn1').ASN1;
const forge = require('node-forge');
const { KJUR } = require('jsrsasign');
const asn1js = await import('asn1js');
const Oid = require('asn1.js').define('Oid', function () {
  this.objid();
});

const bytes = (hex) => Buffer.from(hex, 'hex');
const hexOf = (octets) => Buffer.from(octets).toString('hex');
function written(Writer, oid) {
  const writer = new Writer();
  writer.writeOID(oid);
  return hexOf(writer.buffer);
}
/** [DER to OID, OID to DER] */
const LIBRARIES = {
  asn1: [(hex) => new asn1.Reader(bytes(hex)).readOID(), (oid) => written(asn1.Writer, oid)],
  'asn1-ber': [(hex) => new asn1Ber.Reader(bytes(hex)).readOID(), (oid) => written(asn1Ber.Writer, oid)],
  '@ldapjs/asn1': [(hex) => new BerReader(bytes(hex)).readOID(), (oid) => written(BerWriter, oid)],
  'asn1.js': [
    (hex) => Oid.decode(bytes(hex), 'der').join('.'),
    (oid) => hexOf(Oid.encode(oid.split('.').map(Number), 'der')),
  ],
  '@fidm/asn1': [(hex) => fidm.fromDER(bytes(hex)).value, (oid) => hexOf(fidm.OID(oid).toDER())],
  jsrsasign: [
    (hex) => KJUR.asn1.ASN1Util.oidHexToInt(hex.slice(4)),
    (oid) => KJUR.asn1.ASN1Util.oidIntToHex(oid), // the contents only
  ],
  'node-forge': [
    (hex) => forge.asn1.derToOid(bytes(hex).subarray(2).toString('binary')),
    (oid) => forge.asn1.oidToDer(oid).toHex(), // the contents only
  ],
  asn1js: [
    (hex) => asn1js.fromBER(bytes(hex)).result.valueBlock.toString(),
    (oid) => hexOf(new asn1js.ObjectIdentifier({ value: oid }).toBER()),
  ],
};
const attempt = (work) => {
  try {
    return work();
  } catch {
    return 'refused';
  }
};
function seen(oid, der) {
  return Object.fromEntries(
    Object.entries(LIBRARIES).map(([name, [read, write]]) => {
      return [name, [attempt(() => read(der)), attempt(() => write(oid))].join(' | ')];
    }),
  );
}

for (const [name] of Object.entries(LIBRARIES)) {
  console.log(`${name} ${require(`./node_modules/${name}/package.json`).version}`);
}
const test = seen('2.999.10', '060388370a');
console.log('2.999.10, which is 06 03 88 37 0a: read | written', test);
assert.deepEqual(test, {
  asn1: '26.39.10 | refused',
  'asn1-ber': '26.39.10 | 0602370a',
  '@ldapjs/asn1': '26.39.10 | refused',
  'asn1.js': '26.39.10 | refused',
  '@fidm/asn1': '3.16.55.10 | 0602370a',
  jsrsasign: '3.16.55.10 | 4370a',
  'node-forge': '2.999.10 | 88370a',
  asn1js: '2.999.10 | 060388370a',
});
const example = seen('2.100.3', '0603813403');
console.log('2.100.3, the example of X.690 §8.19.5, 06 03 81 34 03', example);
assert.deepEqual(example, {
  asn1: '4.20.3 | refused',
  'asn1-ber': '4.20.3 | 0602b403',
  '@ldapjs/asn1': '4.20.3 | refused',
  'asn1.js': '4.20.3 | refused',
  '@fidm/asn1': '3.9.52.3 | 0602b403',
  jsrsasign: '3.9.52.3 | b403',
  'node-forge': '2.100.3 | 813403',
  asn1js: '2.100.3 | 0603813403',
});
const role = seen('2.23.146.1.2.1.4', '060767811201020104');
assert.deepEqual(new Set(Object.values(role).map((line) => line.split(' | ')[0])), new Set(['2.23.146.1.2.1.4']));
console.log('2.23.146.1.2.1.4, a policy of the GSMA, is read by all');
JS
node finding.mjs
echo "The behaviour is the one recorded above."
