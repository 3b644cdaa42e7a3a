// The files that the elements make.
import type { File } from '../../../src/saip/file.ts';
import {
  invalid,
  valid,
  type Group,
  type Input,
  type Vector,
  type VectorFile,
} from '../vector-file.ts';
import {
  changeFirst,
  content,
  described,
  files,
  hex,
  large,
  NOT_CREATED,
  small,
  type Change,
} from './base.ts';

const usim = (given: Record<string, File>): Input => small(files(given));

export function filesVectors(): VectorFile {
  return {
    name: 'packages/files',
    title: 'Files and directories',
    judges: 'profile package',
    groups: [
      ofForm(),
      ofDirectories(),
      ofRequired(),
      ofContent(),
      ofSizes(),
      ofPatterns(),
      ofNames(),
    ],
  };
}

function ofForm(): Group {
  const refused = 'usim/ef-keys/file-form';
  return {
    rule: 'file-form: doNotCreate alone, or one descriptor and in front',
    clause: 'TCA profile package, File',
    tests: [
      valid('doNotCreate', usim({ 'ef-keys': NOT_CREATED })),
      invalid(
        refused,
        'doNotCreate and a content',
        usim({ 'ef-keys': [...NOT_CREATED, ...content('07')] }),
      ),
      invalid(refused, 'doNotCreate twice', usim({ 'ef-keys': [...NOT_CREATED, ...NOT_CREATED] })),
      valid(
        'a descriptor and a content',
        usim({ 'ef-keys': [...described({}), ...content('07')] }),
      ),
      invalid(
        refused,
        'two descriptors',
        usim({ 'ef-keys': [...described({}), ...described({})] }),
      ),
      invalid(
        refused,
        'a content, then the descriptor',
        usim({ 'ef-keys': [...content('07'), ...described({})] }),
      ),
      valid('nothing: as the template has it', usim({ 'ef-keys': [] })),
    ],
  };
}

function ofDirectories(): Group {
  const adf = (change: (file: File) => File): Input =>
    small(
      changeFirst('usim', (value) => {
        value['adf-usim'] = change(value['adf-usim']);
      }),
    );
  const refused = 'usim/adf-usim/file-form';
  const names = { fileID: hex('7fd0'), dfName: hex('a0000000871002ff49ff0589') };
  const pinStatusTemplateDO = hex('81010a0b');
  const telecom = (file: File): Input =>
    large(
      changeFirst('telecom', (value) => {
        value['df-telecom'] = file;
      }),
    );
  return {
    rule: 'file-form: a directory has its codes, and neither a content nor a size',
    clause: 'TCA profile package, File; TS 102 222 §6.3',
    tests: [
      valid(
        'with pinStatusTemplateDO',
        adf(() => described({ ...names, pinStatusTemplateDO })),
      ),
      invalid(
        refused,
        'without',
        adf(() => described(names)),
      ),
      invalid(
        refused,
        'with a content',
        adf((file) => [...file, ...content('00')]),
      ),
      invalid(
        refused,
        'with an offset',
        adf((file) => [...file, { choice: 'fillFileOffset', value: 1 }]),
      ),
      invalid(
        refused,
        'with efFileSize',
        adf(() => described({ ...names, pinStatusTemplateDO, efFileSize: hex('10') })),
      ),
      invalid(
        'telecom/df-telecom/file-form',
        'DF TELECOM without its codes',
        telecom(described({ fileID: hex('7f10') })),
      ),
      valid('DF TELECOM that is not made', telecom(NOT_CREATED)),
    ],
  };
}

const REQUIRED = {
  mf: ['mf', 'ef-iccid', 'ef-dir', 'ef-arr'],
  usim: ['adf-usim', 'ef-imsi', 'ef-arr', 'ef-ust', 'ef-spn', 'ef-est', 'ef-acc', 'ef-ecc'],
  isim: ['adf-isim', 'ef-impi', 'ef-impu', 'ef-domain', 'ef-ist', 'ef-arr'],
} as const;

function ofRequired(): Group {
  const set = (element: keyof typeof REQUIRED, name: string, file: File): Input => {
    const change: Change = changeFirst(
      element,
      (value) => void Object.assign(value, { [name]: file }),
    );
    return element === 'isim' ? large(change) : small(change);
  };
  const refusals = (Object.keys(REQUIRED) as (keyof typeof REQUIRED)[]).flatMap((element) =>
    REQUIRED[element].flatMap((name): Vector[] => {
      const refused = `${element}/${name}/file-required`;
      const isDirectory = !name.startsWith('ef-');
      return [
        invalid(refused, `${name} is not made`, set(element, name, NOT_CREATED)),
        ...(isDirectory
          ? []
          : [invalid(refused, `${name} has no content`, set(element, name, described({})))]),
      ];
    }),
  );
  return {
    rule: 'file-required: what an application cannot do without is made, and has a content that no template gives',
    clause: 'TCA profile package, PE-MF, PE-USIM, PE-ISIM',
    tests: [
      valid('with fillFileContent', usim({ 'ef-ecc': content('11f2ff00') })),
      valid(
        'with a fillPattern',
        usim({ 'ef-ecc': described({ proprietaryEFInfo: { fillPattern: hex('11f2ff00') } }) }),
      ),
      valid(
        'with a repeatPattern',
        usim({ 'ef-ecc': described({ proprietaryEFInfo: { repeatPattern: hex('11f2ff00') } }) }),
      ),
      valid('as a link to another file', usim({ 'ef-arr': described({ linkPath: hex('6f06') }) })),
      ...refusals,
    ],
  };
}

function ofContent(): Group {
  const at = (value: number, text: string): File => [
    { choice: 'fillFileOffset', value },
    ...content(text),
  ];
  return {
    rule: 'file-size: what is filled in fits the file',
    clause: 'TCA profile package, File',
    tests: [
      valid('EF.ACC, of 2 bytes: 2 bytes', usim({ 'ef-acc': content('0002') })),
      invalid('usim/ef-acc/file-size', '3 bytes', usim({ 'ef-acc': content('000200') })),
      valid('EF.KEYS, of 33 bytes: the last byte', usim({ 'ef-keys': at(32, '00') })),
      invalid('usim/ef-keys/file-size', 'the one after it', usim({ 'ef-keys': at(33, '00') })),
      valid(
        'two contents with an offset between',
        usim({ 'ef-keys': [...content('07'), ...at(31, '00')] }),
      ),
      invalid(
        'usim/ef-keys/file-size',
        'the offset is one more',
        usim({ 'ef-keys': [...content('07'), ...at(32, '00')] }),
      ),
      valid(
        'a larger file of its own: 3 bytes',
        usim({
          'ef-acc': [
            ...described({ fileDescriptor: hex('4121'), efFileSize: hex('02') }),
            ...content('0002'),
          ],
        }),
      ),
    ],
  };
}

function ofSizes(): Group {
  const size = (text: string, fileDescriptor = '4121'): Input =>
    usim({ 'ef-keys': described({ fileDescriptor: hex(fileDescriptor), efFileSize: hex(text) }) });
  const records = (text: string): Input =>
    usim({ 'ef-sms': described({ fileDescriptor: hex('422100b0'), efFileSize: hex(text) }) });
  const refused = 'usim/ef-keys/file-size';
  return {
    rule: 'file-size: on the fewest bytes, whole records, and no more than a card has',
    clause: 'TCA profile package, Fcp; TS 102 222 §6.3.2.2.2',
    tests: [
      valid('33 bytes', size('21')),
      invalid(refused, '33 bytes with a leading zero', size('0021')),
      invalid(refused, 'an empty size', size('')),
      valid('two records of 176 bytes', records('0160')),
      invalid('usim/ef-sms/file-size', 'two records and a byte', records('0161')),
      invalid('usim/ef-sms/file-size', 'two records less a byte', records('015f')),
      valid('1 MiB, the most that is read here', size('100000')),
      invalid(refused, '1 MiB and a byte', size('100001')),
      invalid(refused, '2^39 bytes', size('7fffffffff')),
    ],
  };
}

function ofPatterns(): Group {
  const smss = (fillPattern: string): Input =>
    usim({ 'ef-smss': described({ proprietaryEFInfo: { fillPattern: hex(fillPattern) } }) });
  const sms = (repeatPattern: string): Input =>
    usim({
      'ef-sms': described({
        fileDescriptor: hex('42210004'),
        efFileSize: hex('08'),
        proprietaryEFInfo: { repeatPattern: hex(repeatPattern) },
      }),
    });
  return {
    rule: 'fill-pattern: one of the two patterns, no longer than what it fills',
    clause: 'TS 102 222 §6.3.2.2.2',
    tests: [
      valid('EF.SMSS, of 2 bytes: 2 bytes', smss('ffff')),
      invalid('usim/ef-smss/fill-pattern', '3 bytes', smss('ffffff')),
      valid('records of 4 bytes: 4 bytes', sms('01020304')),
      invalid('usim/ef-sms/fill-pattern', '5 bytes', sms('0102030405')),
      invalid(
        'usim/ef-keys/fill-pattern',
        'both patterns',
        usim({
          'ef-keys': described({
            proprietaryEFInfo: { fillPattern: hex('07ff'), repeatPattern: hex('07') },
          }),
        }),
      ),
    ],
  };
}

function ofNames(): Group {
  const isim = (fileID?: string, dfName?: string): Input =>
    large(
      changeFirst('isim', (value) => {
        value['adf-isim'] = described({
          pinStatusTemplateDO: hex('01'),
          ...(fileID === undefined ? {} : { fileID: hex(fileID) }),
          ...(dfName === undefined ? {} : { dfName: hex(dfName) }),
        });
      }),
    );
  const refused = 'isim/adf-isim/directory-unique';
  const OWN = 'a0000000871004ff49ff0589';
  return {
    rule: 'directory-unique: an ADF has an AID and a temporary file ID that no other has',
    clause: 'TCA profile package, Fcp',
    tests: [
      valid('those of USIM and ISIM differ in one digit', isim('7fd1', 'a0000000871002ff49ff058a')),
      invalid(refused, 'the AID of the USIM', isim('7fb0', 'a0000000871002ff49ff0589')),
      invalid(refused, 'the temporary file ID of the USIM', isim('7fd0', OWN)),
      invalid(refused, 'without a temporary file ID', isim(undefined, OWN)),
      invalid(refused, 'without an AID', isim('7fb0')),
    ],
  };
}
