// The readable form: ASN.1 value notation with every member, without secrets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProfilePackage } from '../../src/saip/describe.ts';
import { encodeProfilePackage } from '../../src/saip/profile-element.ts';
import { operatorTemplate } from './operator-template.ts';

const text = describeProfilePackage(encodeProfilePackage(operatorTemplate()));

void test('elements are numbered and named, members in order', () => {
  assert.match(text, /^value1 ProfileElement ::= header : \{\n {2}major-version 2,\n/);
  assert.match(text, /\nvalue2 ProfileElement ::= mf : \{\n {2}mf-header \{\n {4}mandated NULL,\n/);
  assert.match(text, /\n {2}templateID \{ 2 23 143 1 2 4 \},\n/);
  assert.match(text, /algorithmID milenage/);
});

void test('file contents are shown; for an untyped element, its size', () => {
  assert.match(text, /ef-imsi \{\n[^}]*\},\n {4}fillFileContent : '082943510000000010'H/);
  assert.match(text, /ProfileElement ::= csim : <15 bytes>/);
  assert.match(text, /\.\.\. <4 bytes>/);
});

void test('keys, codes and contents of unnamed files show only their size', () => {
  assert.match(text, /key <16 secret bytes>/);
  assert.match(text, /opc <16 secret bytes>/);
  assert.match(text, /pinValue <8 secret bytes>/);
  assert.match(text, /pukValue <8 secret bytes>/);
  assert.match(text, /keyData <16 secret bytes>/);
  assert.match(text, /fillFileContent : <2 secret bytes>/);
  const secrets = [
    '000102030405060708090A0B0C0D0E0F',
    '0F0E0D0C0B0A09080706050403020100',
    '0123456789ABCDEF',
    '3131313131313131',
    '39393939FFFFFFFF',
    '01010101010101010101010101010101',
  ];
  for (const secret of secrets) assert.ok(!text.includes(secret), secret);
});
