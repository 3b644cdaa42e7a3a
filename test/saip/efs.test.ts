// Encoding and decoding of EF contents, with values from published profiles and the limits of the clauses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeAlpha, encodeAlpha } from '../../src/saip/alpha-identifier.ts';
import { decodeEfDir, encodeEfDir } from '../../src/saip/ef-dir.ts';
import { decodeEfEcc, encodeEfEcc } from '../../src/saip/ef-ecc.ts';
import {
  decodeEfIccid,
  decodeHeaderIccid,
  encodeEfIccid,
  encodeHeaderIccid,
} from '../../src/saip/ef-iccid.ts';
import {
  accessClassOf,
  decodeEfAcc,
  decodeEfAd,
  decodeEfImsi,
  encodeEfAcc,
  encodeEfAd,
  encodeEfImsi,
} from '../../src/saip/ef-imsi.ts';
import { decodeLanguages, encodeLanguages } from '../../src/saip/ef-li.ts';
import {
  decodeEfMsisdn,
  decodeEfSmsp,
  encodeEfMsisdn,
  encodeEfSmsp,
} from '../../src/saip/ef-msisdn.ts';
import { decodeEfSpn, encodeEfSpn } from '../../src/saip/ef-spn.ts';
import { decodeServiceTable, encodeServiceTable } from '../../src/saip/ef-ust.ts';
import {
  decodeImsValue,
  encodeImsValue,
  encodePcscf,
  imsIdentityOf,
} from '../../src/saip/ims-identity.ts';
import { SaipError } from '../../src/saip/saip-error.ts';
import type { SaipErrorCode } from '../../src/saip/saip-error.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''));

function refused(code: SaipErrorCode, run: () => unknown): void {
  assert.throws(run, (error) => error instanceof SaipError && error.code === code);
}

void test('ICCID: in order in the header, nibble-swapped in EF.ICCID', () => {
  assert.equal(encodeHeaderIccid('89000123456789012341').toHex(), '89000123456789012341');
  assert.equal(encodeEfIccid('89000123456789012341').toHex(), '98001032547698103214');
  assert.equal(decodeEfIccid(hex('98001032547698103214')), '89000123456789012341');
  assert.equal(decodeHeaderIccid(hex('8949449999999990023f')), '8949449999999990023');
});

void test('ICCID: 19 digits are padded with F in both', () => {
  assert.equal(encodeHeaderIccid('8949449999999990023').toHex(), '8949449999999990023f');
  assert.equal(encodeEfIccid('8949449999999990023').toHex(), '989444999999990920f3');
  assert.equal(decodeEfIccid(encodeEfIccid('8949449999999990023')), '8949449999999990023');
});

void test('ICCID: hexadecimal digits, as on real cards, are kept', () => {
  assert.equal(encodeHeaderIccid('898600A1234567890BC').toHex(), '898600a1234567890bcf');
  assert.equal(encodeEfIccid('898600A1234567890BC').toHex(), '9868001a32547698b0fc');
  assert.equal(decodeEfIccid(encodeEfIccid('898600A1234567890BC')), '898600A1234567890BC');
  assert.equal(decodeHeaderIccid(hex('898600a1234567890bcf')), '898600A1234567890BC');
});

void test('ICCID: other lengths, other prefixes and letters are refused', () => {
  refused('bad-size', () => encodeEfIccid('89000123456789012'));
  refused('bad-size', () => encodeHeaderIccid('890001234567890123412'));
  refused('bad-value', () => encodeEfIccid('99000123456789012341'));
  refused('bad-value', () => encodeEfIccid('8900012345678901234G'));
  refused('bad-value', () => encodeEfIccid('89F01234567890123412'));
  refused('bad-size', () => decodeEfIccid(hex('9800')));
  refused('bad-value', () => decodeHeaderIccid(hex('8900f123456789012341')));
  refused('bad-size', () => decodeHeaderIccid(hex('8900ffffffffffffffff')));
});

void test('TS 31.102 §4.2.2 EF.IMSI: 15 digits have parity 9, an even number of digits has parity 1', () => {
  assert.equal(encodeEfImsi('001010123456063').toHex(), '080910101032540636');
  assert.equal(encodeEfImsi('00101012345678').toHex(), '0801101010325476f8');
  assert.equal(encodeEfImsi('001010').toHex(), '04011010f0ffffffff');
  for (const imsi of ['001010', '0010101', '00101012345678', '001010123456063']) {
    assert.equal(decodeEfImsi(encodeEfImsi(imsi)), imsi);
  }
});

void test('TS 31.102 §4.2.2 EF.IMSI: wrong lengths and parities are refused', () => {
  refused('bad-size', () => encodeEfImsi('0010101234560631'));
  refused('bad-size', () => encodeEfImsi('00101'));
  refused('bad-value', () => encodeEfImsi('00101 12345678'));
  refused('bad-size', () => decodeEfImsi(hex('0809')));
  refused('bad-value', () => decodeEfImsi(hex('080110101032540636')));
  refused('bad-value', () => decodeEfImsi(hex('070910101032540636')));
  refused('bad-value', () => decodeEfImsi(hex('09ffffffffffffffff')));
});

void test('TS 31.102 §4.2.15 EF.ACC: the class of the last digit, special classes above', () => {
  assert.equal(accessClassOf('001010123456063'), 3);
  assert.equal(encodeEfAcc([0]).toHex(), '0001');
  assert.equal(encodeEfAcc([9]).toHex(), '0200');
  assert.equal(encodeEfAcc([3, 15]).toHex(), '8008');
  assert.deepEqual(decodeEfAcc(hex('8008')), [3, 15]);
  refused('bad-value', () => encodeEfAcc([10]));
  refused('bad-value', () => encodeEfAcc([16]));
  refused('bad-size', () => decodeEfAcc(hex('00')));
});

void test('TS 31.102 §4.2.18 EF.AD: the MNC length is in the fourth byte', () => {
  const ad = decodeEfAd(hex('80000002'));
  assert.deepEqual(ad, {
    operationMode: 0x80,
    additionalInformation: hex('0000'),
    mncLength: 2,
  });
  assert.equal(encodeEfAd({ ...ad, mncLength: 3 }).toHex(), '80000003');
  refused('bad-value', () => decodeEfAd(hex('80000004')));
  refused('bad-size', () => decodeEfAd(hex('800000')));
});

void test('TS 102 221 annex A: names in the default alphabet, or in UCS2 for other letters', () => {
  assert.equal(encodeAlpha('x', 'GSMA-TEST', 12).toHex(), '47534d412d54455354ffffff');
  assert.equal(encodeAlpha('x', '@_à', 4).toHex(), '00117fff');
  assert.equal(encodeAlpha('x', '5€', 4).toHex(), '351b65ff');
  assert.equal(encodeAlpha('x', 'Ω漢', 6).toHex(), '8003a96f22ff');
  assert.equal(encodeAlpha('x', 'Связь 7', 10).toHex(), '810708a1b2cfb7cc2037');
  const names = ['', 'Simwright', '5€', '漢字', 'Связь России', '[lab]', 'Ñandú'];
  for (const name of names) assert.equal(decodeAlpha('x', encodeAlpha('x', name, 16)), name);
});

void test('TS 102 221 annex A: the three UCS2 forms are read', () => {
  assert.equal(decodeAlpha('x', hex('8000410042ffff')), 'AB');
  assert.equal(decodeAlpha('x', hex('81051353 95a6a637')), 'S\u0995\u09a6\u09a67');
  assert.equal(decodeAlpha('x', hex('82050530 2d82d32d31')), '-\u0532\u0583-1');
});

void test('TS 102 221 annex A: names that do not fit or cannot be encoded are refused', () => {
  refused('bad-size', () => encodeAlpha('x', 'seventeen letters', 16));
  refused('bad-size', () => encodeAlpha('x', '漢字漢字漢字漢字', 16));
  refused('bad-value', () => decodeAlpha('x', hex('90')));
  refused('bad-value', () => decodeAlpha('x', hex('1b01')));
  refused('bad-size', () => decodeAlpha('x', hex('81081353')));
});

void test('TS 31.102 §4.2.12 EF.SPN: display condition, then the name', () => {
  const spn = { name: 'GSMA-TEST', displayPlmn: true, hideInRoaming: false };
  assert.equal(encodeEfSpn(spn).toHex(), '0147534d412d54455354ffffffffffffff');
  assert.deepEqual(decodeEfSpn(encodeEfSpn(spn)), spn);
  const hidden = { name: 'Lab', displayPlmn: false, hideInRoaming: true };
  assert.deepEqual(decodeEfSpn(encodeEfSpn(hidden)), hidden);
  refused('bad-size', () => decodeEfSpn(hex('0141')));
});

void test('TS 31.102 §4.2.26 EF.MSISDN: length, type of number and swapped digits after the name', () => {
  const record = encodeEfMsisdn({ alpha: 'me', number: '+447700900123' }, 24);
  assert.equal(record.toHex(), '6d65ffffffffffffffff0791447700091032ffffffffffff');
  assert.deepEqual(decodeEfMsisdn(record), { alpha: 'me', number: '+447700900123' });
  const national = encodeEfMsisdn({ alpha: '', number: '12345' }, 14);
  assert.equal(national.toHex(), '04812143f5ffffffffffffffffff');
  assert.deepEqual(decodeEfMsisdn(new Uint8Array(24).fill(0xff)), { alpha: '', number: '' });
});

void test('TS 31.102 §4.2.26 EF.MSISDN: numbers over 20 digits or in another format are refused', () => {
  refused('bad-size', () => encodeEfMsisdn({ alpha: '', number: '1'.repeat(21) }, 24));
  refused('bad-value', () => encodeEfMsisdn({ alpha: '', number: '++1' }, 24));
  refused('bad-size', () => encodeEfMsisdn({ alpha: '', number: '1' }, 13));
  refused('bad-value', () => decodeEfMsisdn(hex('0c91ffffffffffffffffffffffff')));
});

void test('TS 31.102 §4.2.27 EF.SMSP: a clear indicator bit means that the parameter is present', () => {
  const record = encodeEfSmsp({ alpha: '', serviceCentre: '+447700900123' }, 28);
  assert.equal(record[0], 0xfd);
  assert.equal(record.subarray(13, 21).toHex(), '0791447700091032');
  assert.deepEqual(decodeEfSmsp(record), { alpha: '', serviceCentre: '+447700900123' });
  const full = {
    alpha: 'centre',
    destination: new Uint8Array(12).fill(1),
    serviceCentre: '123',
    protocolIdentifier: 0,
    dataCodingScheme: 4,
    validityPeriod: 0xa7,
  };
  assert.deepEqual(decodeEfSmsp(encodeEfSmsp(full, 40)), full);
  assert.deepEqual(decodeEfSmsp(new Uint8Array(38).fill(0xff)), { alpha: '' });
  refused('bad-size', () => encodeEfSmsp({ alpha: '' }, 27));
});

void test('TS 31.102 §4.2.8 EF.UST: service n is bit (n - 1) mod 8 of byte (n - 1) / 8', () => {
  assert.equal(encodeServiceTable([1, 8, 17, 85], 14).toHex(), '8100010000000000000010000000');
  assert.deepEqual(decodeServiceTable(hex('8100010000000000000010000000')), [1, 8, 17, 85]);
  refused('bad-value', () => encodeServiceTable([113], 14));
  refused('bad-value', () => encodeServiceTable([0], 14));
});

void test('TS 31.102 §4.2.1 EF.LI: two letters each, FFFF where unused', () => {
  assert.equal(encodeLanguages(['en', 'de'], 6).toHex(), '656e6465ffff');
  assert.deepEqual(decodeLanguages(hex('656effff6465')), ['en', 'de']);
  refused('bad-size', () => encodeLanguages(['en', 'de'], 2));
  refused('bad-value', () => encodeLanguages(['EN'], 2));
  refused('bad-value', () => decodeLanguages(hex('0000')));
});

void test('TS 31.102 §4.2.21 EF.ECC: number, name, category', () => {
  const ecc = { number: '112', alpha: 'Help', category: 0x1f };
  assert.equal(encodeEfEcc(ecc, 10).toHex(), '11f2ff48656c70ffff1f');
  assert.deepEqual(decodeEfEcc(encodeEfEcc(ecc, 10)), ecc);
  assert.deepEqual(decodeEfEcc(hex('19f1ff456d657267656e6379ff00')), {
    number: '911',
    alpha: 'Emergency',
    category: 0,
  });
  refused('bad-size', () => encodeEfEcc({ ...ecc, number: '1122334' }, 10));
  refused('bad-size', () => decodeEfEcc(hex('11f2ff')));
});

void test('TS 102 221 §13.1 EF.DIR: an application template, padded with FF', () => {
  const entry = { aid: hex('a0000000871002ff49ff0589'), label: 'USIM' };
  const record = encodeEfDir(entry, 33);
  assert.equal(
    record.toHex(),
    '61144f0ca0000000871002ff49ff058950045553494dffffffffffffffffffffff',
  );
  assert.deepEqual(decodeEfDir(record), entry);
  assert.equal(decodeEfDir(new Uint8Array(33).fill(0xff)), undefined);
  refused('bad-size', () => encodeEfDir(entry, 21));
  refused('unexpected-element', () => decodeEfDir(hex('6200')));
  refused('missing-element', () => decodeEfDir(hex('61025000')));
  refused('malformed', () => decodeEfDir(hex('61144f0c')));
});

void test('TS 31.103 §4.2: identities are UTF-8 in a data object 80', () => {
  assert.equal(encodeImsValue('x', 'a@b', 8).toHex(), '8003614062ffffff');
  assert.equal(decodeImsValue('x', hex('800d746573742e336770702e636f6dff')), 'test.3gpp.com');
  assert.equal(decodeImsValue('x', hex('ffff')), '');
  refused('bad-size', () => encodeImsValue('x', 'a@b', 4));
  refused('unexpected-element', () => decodeImsValue('x', hex('810161')));
});

void test('TS 31.103 §4.2.8 EF.P-CSCF: the type of address, then the address', () => {
  assert.equal(encodePcscf('10.0.0.255', 8).toHex(), '8005010a0000ffff');
  assert.equal(encodePcscf('p.example', 12).toHex(), '800a00702e6578616d706c65');
  refused('bad-value', () => encodePcscf('10.0.0.256', 8));
  refused('bad-size', () => encodePcscf('p.example', 8));
});

void test('TS 23.003 §13: IMPI, IMPU and domain of an IMSI', () => {
  assert.deepEqual(imsIdentityOf('234150999999999', 2), {
    impi: '234150999999999@ims.mnc015.mcc234.3gppnetwork.org',
    impu: ['sip:234150999999999@ims.mnc015.mcc234.3gppnetwork.org'],
    domain: 'ims.mnc015.mcc234.3gppnetwork.org',
  });
  refused('bad-value', () => imsIdentityOf('x34150', 2));
});
