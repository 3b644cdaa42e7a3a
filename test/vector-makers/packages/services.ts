// What the header demands of the eUICC, against what the package uses.
import type { ProfileElement } from '../../../src/saip/profile-element.ts';
import { invalid, valid, type Group, type Vector, type VectorFile } from '../vector-file.ts';
import {
  before,
  changeFirst,
  demanding,
  files,
  described,
  hex,
  large,
  listing,
  notDemanding,
  opaque,
  small,
  without,
  type Change,
  type Services,
} from './base.ts';
import { withAlgorithm } from './keys.ts';

type Service = keyof Services;
const at = (service: Service, rule: string) => `header/eUICC-Mandatory-services/${service}/${rule}`;
const LIST = 'header/eUICC-Mandatory-GFSTEList';

export function servicesVectors(): VectorFile {
  return {
    name: 'packages/services',
    title: 'What the header demands of the eUICC',
    judges: 'profile package',
    groups: [ofListed(), ofUsed(), ofBeside(), ofTemplates()],
  };
}

const berTlv = described({ fileDescriptor: hex('7921'), efFileSize: hex('10') });
const managedBerTlv = changeFirst('genericFileManagement', (value) => {
  value.fileManagementCMD.push([
    { choice: 'createFCP', value: { fileDescriptor: hex('7921'), efFileSize: hex('10') } },
  ]);
});

function ofListed(): Group {
  const algorithms: [Service, Change[]][] = [
    ['milenage', []],
    ['tuak128', [withAlgorithm(2, 16, 32)]],
    ['tuak256', [withAlgorithm(2, 32, 32)]],
    ['usim-test-algorithm', [withAlgorithm(3, 16, 16)]],
  ];
  return {
    rule: 'service-listed: an application, algorithm or BER-TLV file of the package is among the mandatory services',
    clause: 'TCA profile package, ServicesList',
    tests: [
      valid('usim, isim, csim and milenage, all of them listed', large()),
      ...(['usim', 'isim', 'csim'] as const).map((service) =>
        invalid(
          at(service, 'service-listed'),
          `${service} is not listed`,
          large(notDemanding(service)),
        ),
      ),
      ...algorithms.flatMap(([service, changes]): Vector[] => [
        valid(
          `${service} is listed`,
          small(...changes, notDemanding('milenage'), demanding(service)),
        ),
        invalid(
          at(service, 'service-listed'),
          `${service} is not listed`,
          small(...changes, notDemanding('milenage')),
        ),
      ]),
      valid(
        'a BER-TLV file, and ber-tlv',
        small(files({ 'ef-keys': berTlv }), demanding('ber-tlv')),
      ),
      invalid(
        at('ber-tlv', 'service-listed'),
        'a BER-TLV file without it',
        small(files({ 'ef-keys': berTlv })),
      ),
      valid('one made by file management, and ber-tlv', large(managedBerTlv, demanding('ber-tlv'))),
      invalid(
        at('ber-tlv', 'service-listed'),
        'one made by file management without it',
        large(managedBerTlv),
      ),
    ],
  };
}

function ofUsed(): Group {
  const unused = ['isim', 'csim', 'tuak128', 'tuak256', 'usim-test-algorithm', 'ber-tlv'] as const;
  return {
    rule: 'service-used: the header demands no application or algorithm that the package does not have',
    clause: 'TCA profile package, ServicesList',
    tests: [
      valid('usim and milenage, and both are used', small()),
      ...unused.map((service) =>
        invalid(
          at(service, 'service-used'),
          `${service} is demanded for nothing`,
          small(demanding(service)),
        ),
      ),
      invalid(
        at('milenage', 'service-used'),
        'milenage, and the keys are of TUAK',
        small(withAlgorithm(2, 16, 32), demanding('tuak128')),
      ),
      valid('what cannot be seen in a package: contactless', small(demanding('contactless'))),
    ],
  };
}

/** A service, and whether a package that has only a USIM can use it; if not, an element with which it can. */
const BESIDE: readonly (readonly [Service, Change | 'usim', Change])[] = [
  ['gba-usim', 'usim', without('usim')],
  ['mbms', 'usim', without('usim')],
  ['multiple-usim', 'usim', without('usim')],
  ['get-identity', 'usim', without('usim')],
  ['profile-a-x25519', 'usim', without('usim')],
  ['profile-b-p256', 'usim', without('usim')],
];

function ofBeside(): Group {
  const ofLarge = ['gba-isim', 'multiple-isim', 'multiple-csim', 'cave', 'javacard'] as const;
  const eap = opaque('eap', 'bb', 99);
  return {
    rule: 'service-used: a service that makes sense only beside an element is demanded beside that element alone',
    clause: 'TCA profile package, ServicesList',
    tests: [
      ...BESIDE.flatMap(([service, , removed]): Vector[] => [
        valid(`${service} beside a USIM`, small(demanding(service))),
        invalid(
          at(service, 'service-used'),
          `${service} without one`,
          small(demanding(service), removed),
        ),
      ]),
      ...ofLarge.flatMap((service): Vector[] => [
        valid(`${service} in a package that can use it`, large(demanding(service))),
        invalid(
          at(service, 'service-used'),
          `${service} beside a USIM alone`,
          small(demanding(service)),
        ),
      ]),
      valid('eap beside an eap', small(demanding('eap'), before('end', eap))),
      invalid(at('eap', 'service-used'), 'eap without one', small(demanding('eap'))),
    ],
  };
}

function ofTemplates(): Group {
  const unlisted = (n: number): Change =>
    changeFirst('header', (value) => {
      const list = value['eUICC-Mandatory-GFSTEList'];
      value['eUICC-Mandatory-GFSTEList'] = list.filter((oid) => oid !== `2.23.143.1.2.${n}`);
    });
  const typedOnly: Change = (elements): ProfileElement[] =>
    elements.filter((element) => 'value' in element);
  return {
    rule: 'template-listed: eUICC-Mandatory-GFSTEList has exactly the file structure templates that are used',
    clause: 'TCA profile package, ProfileHeader',
    tests: [
      valid('the templates of MF and USIM', small()),
      invalid(`${LIST}/template-listed`, 'without that of the USIM', small(unlisted(4))),
      invalid(`${LIST}/template-listed`, 'without any', small(unlisted(1), unlisted(4))),
      invalid(`${LIST}/template-listed`, 'with one that is not used', small(listing(13))),
      valid('with one that an element of another edition may use', large(listing(13))),
      invalid(
        `${LIST}/template-listed`,
        'the same without such elements',
        large(listing(13), typedOnly, notDemanding('csim')),
      ),
    ],
  };
}
