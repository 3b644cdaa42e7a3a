// Which profile elements there are, in what order, under which numbers.
import { encodeProfilePackage, type ProfileElement } from '../../../src/saip/profile-element.ts';
import { invalid, valid, type Group, type Input, type VectorFile } from '../vector-file.ts';
import {
  before,
  changeFirst,
  demanding,
  hex,
  large,
  listing,
  moved,
  opaque,
  packageOf,
  small,
  smallest,
  twice,
  without,
  type Change,
} from './base.ts';

export function orderVectors(): VectorFile {
  return {
    name: 'packages/order',
    title: 'Order and number of profile elements',
    judges: 'profile package',
    groups: [ofForm(), ofPlaces(), ofSingles(), ofSeveralNaas(), ofDependents(), ofNumbers()],
  };
}

/** The smallest package with another end, in hexadecimal. */
const endingWith = (end: string): Input => {
  const elements = smallest().slice(0, -1);
  return { package: [...elements.map((one) => encodeProfilePackage([one]).toHex()), end] };
};

function ofForm(): Group {
  const bytes = encodeProfilePackage(smallest()).toHex();
  const raw = (text: string) => ({ package: [text] });
  return {
    rule: 'decodable: profile elements in DER, one after the other',
    clause: 'TCA profile package, ProfileElement; X.690 §10',
    tests: [
      valid('a USIM and nothing else', small()),
      valid('with telecom, CSIM, ISIM, security domain and RFM', large()),
      invalid('profile package/decodable', 'nothing', raw('')),
      invalid('profile package/decodable', 'the last byte is missing', raw(bytes.slice(0, -2))),
      invalid('profile package/decodable', 'half an element follows', raw(`${bytes}a0`)),
      invalid(
        'profile package/decodable',
        'a SEQUENCE is around it',
        raw(`30820${(bytes.length / 2).toString(16)}${bytes}`),
      ),
      invalid(
        'end/decodable',
        'an element with a member that it does not have',
        endingWith('aa0aa00580008101637f0100'),
      ),
      invalid(
        'csim/decodable',
        'an element without a PEHeader',
        large((elements) =>
          elements.map((element) =>
            element.name === 'csim' ? { name: 'csim', bytes: hex('b9028100') } : element,
          ),
        ),
      ),
    ],
  };
}

function ofPlaces(): Group {
  return {
    rule: 'header-first, mf-second, end-last',
    clause: 'TCA profile package, ProfileElement',
    tests: [
      invalid('header/header-first', 'the header comes fourth', small(moved('header', 3))),
      invalid('header/header-first', 'without a header', small(without('header'))),
      invalid('mf/mf-second', 'the MF comes fourth', small(moved('mf', 3))),
      invalid('mf/mf-second', 'without an MF', small(without('mf'))),
      invalid('end/end-last', 'an element follows the end', small(moved('end', 5))),
      invalid('end/end-last', 'without an end', small(without('end'))),
    ],
  };
}

function ofSingles(): Group {
  const cd: ProfileElement = {
    name: 'cd',
    value: {
      'cd-header': { identification: 90 },
      templateID: '2.23.143.1.2.2',
      'df-cd': [{ choice: 'doNotCreate', value: true }],
    },
  };
  const withCd = [listing(2), before('usim', cd)];
  return {
    rule: 'one-of-each: header, mf, pukCodes, cd, telecom, end',
    clause: 'TCA profile package, ProfileElement',
    tests: [
      valid('one cd', small(...withCd)),
      invalid('cd/one-of-each', 'two', small(...withCd, twice('cd'))),
      ...['header', 'mf', 'pukCodes', 'telecom', 'end'].map((name) =>
        invalid(`${name}/one-of-each`, `two ${name}`, large(twice(name))),
      ),
      valid('several pinCodes, genericFileManagement, rfm', large(secondRfm)),
    ],
  };
}

const secondRfm: Change = (elements) => {
  const rfm = structuredClone(elements.find(({ name }) => name === 'rfm')!);
  if (rfm.name === 'rfm') rfm.value['rfm-header'] = { identification: 99 };
  return before('end', rfm)(elements);
};

/** Another USIM with its own AID and its own keys. */
const secondUsim: Change = (elements) => {
  const own = elements.filter(({ name }) => name === 'usim' || name === 'akaParameter').slice(0, 2);
  const [usim, aka] = structuredClone(own);
  if (usim?.name !== 'usim' || aka?.name !== 'akaParameter') throw new Error('no USIM');
  usim.value['usim-header'] = { identification: 91 };
  usim.value['adf-usim'] = [
    {
      choice: 'fileDescriptor',
      value: {
        fileID: hex('7fd1'),
        dfName: hex('a0000000871002ff49ff058a'),
        pinStatusTemplateDO: hex('01'),
      },
    },
  ];
  aka.value['aka-header'] = { identification: 92 };
  return before('end', usim, aka)(elements);
};

function ofSeveralNaas(): Group {
  return {
    rule: 'one-of-each: one USIM, ISIM and CSIM, unless the header demands an eUICC that takes several',
    clause: 'TCA profile package, ServicesList',
    tests: [
      valid('two USIMs, and multiple-usim', small(secondUsim, demanding('multiple-usim'))),
      invalid('usim/one-of-each', 'two USIMs without it', small(secondUsim)),
      invalid('isim/one-of-each', 'two ISIMs without multiple-isim', large(twice('isim'))),
      invalid('csim/one-of-each', 'two CSIMs without multiple-csim', large(twice('csim'))),
    ],
  };
}

/** What belongs to an application: its name, its tag, the application. */
const DEPENDENT = [
  ['df-snpn', 'be', 'usim'],
  ['df-5gprose', 'bf1f', 'usim'],
  ['opt-csim', 'ba', 'csim'],
] as const;

const TYPED = [
  ['phonebook', 'df-phonebook', 6],
  ['gsm-access', 'df-gsm-access', 7],
  ['df-5gs', 'df-df-5gs', 13],
  ['df-saip', 'df-df-saip', 14],
] as const;

function typed(
  name: (typeof TYPED)[number][0],
  directory: string,
  template: number,
): ProfileElement {
  return {
    name,
    value: {
      [`${name}-header`]: { identification: 93 },
      templateID: `2.23.143.1.2.${template}`,
      [directory]: [{ choice: 'doNotCreate', value: true }],
    },
  } as unknown as ProfileElement;
}

function ofDependents(): Group {
  const noCsim: Change = (elements) =>
    without('csim')(elements)?.filter(
      ({ name }) => name !== 'opt-csim' && name !== 'cdmaParameter',
    );
  return {
    rule: 'after-its-naa: what belongs to an application comes after it, once for each',
    clause: 'TCA profile package, ProfileElement',
    tests: [
      valid('opt-usim, opt-csim and opt-isim after their applications', large()),
      invalid('opt-usim/after-its-naa', 'opt-usim before the USIM', large(moved('opt-usim', 2))),
      invalid('opt-isim/after-its-naa', 'opt-isim before the ISIM', large(moved('opt-isim', 2))),
      invalid('opt-isim/after-its-naa', 'opt-isim without an ISIM', large(without('isim'))),
      invalid(
        'opt-csim/after-its-naa',
        'opt-csim without a CSIM',
        large(noCsim, before('end', opaque('opt-csim', 'ba', 99))),
      ),
      invalid(
        'opt-iot/after-its-naa',
        'opt-iot without an IoT application',
        small(before('end', opaque('opt-iot', 'bf21', 99))),
      ),
      invalid('opt-usim/one-of-each', 'two opt-usim for one USIM', large(twice('opt-usim'))),
      ...DEPENDENT.flatMap(([name, tag, application]) => [
        ...(name === 'opt-csim'
          ? []
          : [
              valid(
                `${name} after the ${application}`,
                large(before('end', opaque(name, tag, 99))),
              ),
            ]),
        invalid(
          `${name}/one-of-each`,
          `two ${name} for one ${application}`,
          large(
            ...(name === 'opt-csim' ? [] : [before('end', opaque(name, tag, 98))]),
            before('end', opaque(name, tag, 99)),
          ),
        ),
      ]),
      ...TYPED.flatMap(([name, directory, template]) => {
        const element = typed(name, directory, template);
        return [
          valid(`${name} after the USIM`, small(listing(template), before('end', element))),
          invalid(
            `${name}/after-its-naa`,
            `${name} before the USIM`,
            small(listing(template), before('usim', element)),
          ),
          invalid(
            `${name}/one-of-each`,
            `two ${name} for one USIM`,
            small(listing(template), before('end', element, element)),
          ),
        ];
      }),
    ],
  };
}

function ofNumbers(): Group {
  const numbered = (identification: number) =>
    changeFirst('usim', (usim) => {
      usim['usim-header'] = { identification };
    });
  return {
    rule: 'identification-unique: an eUICC names the element that fails by its number',
    clause: 'TCA profile package, PEHeader',
    given: packageOf(smallest()),
    tests: [
      valid('all numbers differ'),
      valid('the largest number', endingWith('aa08a006800081027fff')),
      invalid(
        'end/end-header/identification/decodable',
        'one more',
        endingWith('aa09a00780008103008000'),
      ),
      invalid(
        'pukCodes/identification-unique',
        'two elements with one number',
        small(
          changeFirst('pukCodes', (value) => {
            value['puk-Header'] = { identification: 1 };
          }),
        ),
      ),
      invalid(
        'csim/identification-unique',
        'with an element of another edition',
        large(numbered(0x20)),
      ),
    ],
  };
}
