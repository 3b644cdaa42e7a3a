// Whose profile it is.
import { encodeEfIccid, encodeHeaderIccid } from '../../../src/saip/ef-iccid.ts';
import { encodeEfImsi } from '../../../src/saip/ef-imsi.ts';
import type { File } from '../../../src/saip/file.ts';
import { invalid, valid, type Group, type Input, type VectorFile } from '../vector-file.ts';
import { changeFirst, content, described, files, hex, large, small, type Change } from './base.ts';

const ICCID = '8944000000000000001';
const IMSI = '234150000000001';

export function identityVectors(): VectorFile {
  return {
    name: 'packages/identity',
    title: 'ICCID, IMSI and what else names the subscription',
    judges: 'profile package',
    groups: [ofIccid(), ofExpected(), ofImsi(), ofOthers(), ofIms()],
  };
}

const iccids = (header: Uint8Array, ef: Uint8Array): Input =>
  small(
    changeFirst('header', (value) => {
      value.iccid = header;
    }),
    changeFirst('mf', (value) => {
      value['ef-iccid'] = content(ef.toHex());
    }),
  );
const iccid = (header: string, ef = header): Input =>
  iccids(encodeHeaderIccid(header), encodeEfIccid(ef));

function ofIccid(): Group {
  return {
    rule: 'iccid-equal: the header and EF.ICCID have one ICCID, each in its own order of digits',
    clause: 'TCA profile package, ProfileHeader; TS 102 221 §13.2; E.118',
    tests: [
      valid('18 digits', iccid('894400000000000000')),
      valid('19 digits', iccid(ICCID)),
      valid('20 digits', iccid('89440000000000000012')),
      invalid(
        'mf/ef-iccid/iccid-equal',
        'the last digit differs',
        iccid(ICCID, '8944000000000000002'),
      ),
      invalid('mf/ef-iccid/iccid-equal', 'a digit more', iccid(ICCID, `${ICCID}0`)),
      invalid(
        'ef-iccid/readable-identity',
        'EF.ICCID in reading order',
        iccids(encodeHeaderIccid(ICCID), hex('8944000000000000001f')),
      ),
      invalid(
        'header iccid/readable-identity',
        '17 digits in the header',
        iccids(hex('89440000000000000fff'), encodeEfIccid(ICCID)),
      ),
      invalid(
        'ef-iccid/readable-identity',
        '17 digits in EF.ICCID',
        iccids(encodeHeaderIccid(ICCID), hex('984400000000000000ff').with(8, 0xf0)),
      ),
    ],
  };
}

function ofExpected(): Group {
  const given = small();
  return {
    rule: 'identity-expected: it is the subscription that was wanted',
    clause: 'SGP.22 §3.1.1: the operator orders by ICCID',
    given,
    tests: [
      valid('the ICCID, the IMSI and the length of the MNC', {
        iccid: ICCID,
        imsi: IMSI,
        mncLength: 2,
      }),
      invalid('header/iccid/identity-expected', 'another ICCID', { iccid: '8944000000000000002' }),
      invalid('usim/ef-imsi/identity-expected', 'another IMSI', { imsi: '234150000000002' }),
      invalid('usim/ef-ad/identity-expected', 'another length of the MNC', { mncLength: 3 }),
    ],
  };
}

const usim = (given: Record<string, File>): Input => small(files(given));

function ofImsi(): Group {
  const imsi = (text: string): Input => usim({ 'ef-imsi': content(text) });
  const refused = 'ef-imsi/readable-identity';
  return {
    rule: 'readable-identity: EF.IMSI, 6 to 15 digits with their parity',
    clause: 'TS 31.102 §4.2.2; TS 24.008 §10.5.1.4',
    tests: [
      valid('15 digits', imsi(encodeEfImsi(IMSI).toHex())),
      valid('14 digits', imsi(encodeEfImsi(IMSI.slice(0, 14)).toHex())),
      valid('6 digits', imsi(encodeEfImsi('234150').toHex())),
      invalid(refused, '5 digits', imsi('0329431500ffffffff'.slice(0, 18))),
      invalid(refused, 'the parity of an even number, and 15 digits', imsi('082143510000000010')),
      invalid(refused, 'without digits', imsi('08ffffffffffffffff')),
      invalid(refused, 'a length of 9', imsi('092943510000000010')),
      invalid(refused, 'a byte after the IMSI that is not filler', imsi('042943510000000000')),
      invalid(refused, 'a hexadecimal digit', imsi('0829435100000000a0')),
      invalid(
        refused,
        '8 bytes',
        usim({
          'ef-imsi': [
            ...described({ fileDescriptor: hex('4121'), efFileSize: hex('08') }),
            ...content('0829435100000000'),
          ],
        }),
      ),
    ],
  };
}

const sized = (size: number, text: string): File => [
  ...described({ fileDescriptor: hex('4121'), efFileSize: Uint8Array.of(size) }),
  ...content(text),
];

function ofOthers(): Group {
  const smsp = (text: string): Input =>
    usim({
      'ef-smsp': [
        ...described({ fileDescriptor: hex('4221001c'), efFileSize: hex('1c') }),
        ...content(text),
      ],
    });
  const msisdn = (text: string): Input =>
    large(
      changeFirst('opt-usim', (value) => {
        value['ef-msisdn'] = [
          ...described({ fileDescriptor: hex('4221000e'), efFileSize: hex('0e') }),
          ...content(text),
        ];
      }),
    );
  const filler = 'f'.repeat(24);
  return {
    rule: 'readable-identity: EF.AD, EF.ACC, EF.SPN, EF.MSISDN, EF.SMSP',
    clause: 'TS 31.102 §4.2.18, §4.2.15, §4.2.12, §4.2.26, §4.2.27',
    tests: [
      valid('EF.AD: 3 digits of the MNC', usim({ 'ef-ad': sized(4, '00000003') })),
      invalid(
        'ef-ad/readable-identity',
        'EF.AD: 4 digits',
        usim({ 'ef-ad': sized(4, '00000004') }),
      ),
      invalid('ef-ad/readable-identity', 'EF.AD: 1 digit', usim({ 'ef-ad': sized(4, '00000001') })),
      invalid('ef-ad/readable-identity', 'EF.AD: 3 bytes', usim({ 'ef-ad': sized(3, '000000') })),
      valid('EF.ACC: all classes', usim({ 'ef-acc': content('fbff') })),
      invalid(
        'ef-acc/readable-identity',
        'EF.ACC: 3 bytes',
        usim({ 'ef-acc': sized(3, '000200') }),
      ),
      valid('EF.SPN: a name in UCS2', usim({ 'ef-spn': sized(17, `0180${'0041'.repeat(3)}`) })),
      invalid(
        'ef-spn/readable-identity',
        'EF.SPN: 16 bytes',
        usim({ 'ef-spn': sized(16, '0141') }),
      ),
      valid('EF.MSISDN: 20 digits', msisdn(`0b91${'21'.repeat(10)}ffff`)),
      invalid(
        'ef-msisdn/readable-identity',
        'EF.MSISDN: a length of 12',
        msisdn(`0c91${'21'.repeat(10)}ffff`),
      ),
      invalid(
        'ef-msisdn/readable-identity',
        'EF.MSISDN: a length of 1',
        msisdn(`0191${'21'.repeat(10)}ffff`),
      ),
      valid('EF.MSISDN: a record that is free', msisdn('ff'.repeat(14))),
      valid(
        'EF.SMSP: a service centre',
        smsp(`fd${filler}0391${'11'.repeat(2)}${'ff'.repeat(8)}ffffff`),
      ),
      invalid(
        'ef-smsp/readable-identity',
        'EF.SMSP: a length of 1',
        smsp(`fd${filler}0191${'11'.repeat(2)}${'ff'.repeat(8)}ffffff`),
      ),
    ],
  };
}

function ofIms(): Group {
  const isim = (name: 'ef-impi' | 'ef-domain' | 'ef-impu', text: string): Input => {
    const change: Change = changeFirst('isim', (value) => {
      value[name] = [
        ...described({
          fileDescriptor: hex(name === 'ef-impu' ? '42210008' : '4121'),
          efFileSize: hex('08'),
        }),
        ...content(text),
      ];
    });
    return large(change);
  };
  const refused = (name: string) => `${name}/readable-identity`;
  return {
    rule: 'readable-identity: EF.IMPI, EF.IMPU and EF.DOMAIN, a data object 80 and FF to the end',
    clause: 'TS 31.103 §4.2.2, §4.2.3, §4.2.4',
    tests: [
      valid('EF.IMPI', isim('ef-impi', '8003614062ffffff')),
      valid('EF.IMPI that fills the file', isim('ef-impi', '8006614062636465')),
      invalid(
        refused('ef-impi'),
        'EF.IMPI: longer than the file',
        isim('ef-impi', '8007614062636465'),
      ),
      invalid(refused('ef-impi'), 'EF.IMPI: a data object 81', isim('ef-impi', '8103614062ffffff')),
      invalid(
        refused('ef-domain'),
        'EF.DOMAIN: a text without a data object',
        isim('ef-domain', '612e62ffffffffff'),
      ),
      valid('EF.IMPU: a record that is free', isim('ef-impu', 'ffffffffffffffff')),
      invalid(refused('ef-impu'), 'EF.IMPU: a data object 81', isim('ef-impu', '8103614062ffffff')),
    ],
  };
}
