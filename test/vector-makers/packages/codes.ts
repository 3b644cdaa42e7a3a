// PINs, PUKs and ADM codes.
import assert from 'node:assert/strict';
import type { ElementValue } from '../../../src/saip/profile-element.ts';
import { invalid, valid, type Group, type VectorFile } from '../vector-file.ts';
import { changeFirst, hex, small, without, type Change } from './base.ts';

type Pin = Extract<ElementValue<'pinCodes'>['pinCodes'], { choice: 'pinconfig' }>['value'][number];
type Puk = ElementValue<'pukCodes'>['pukCodes'][number];

/** Of the MF the PIN 1, the ADM codes 0A and 0B; of the USIM the PIN 81. @param at the MF's or the USIM's */
const pins = (change: (list: Pin[]) => void, at = 0): Change =>
  changeFirst(
    'pinCodes',
    ({ pinCodes }) => {
      assert.equal(pinCodes.choice, 'pinconfig');
      if (pinCodes.choice === 'pinconfig') change(pinCodes.value);
    },
    at,
  );
const pin = (change: Partial<Pin>): Change => pins(([first]) => void Object.assign(first!, change));
const addPin = (added: Pin, at = 0): Change => pins((list) => void list.push(added), at);
const puks = (change: (list: Puk[]) => void): Change =>
  changeFirst('pukCodes', ({ pukCodes }) => change(pukCodes));
const puk = (change: Partial<Puk>): Change => puks(([first]) => void Object.assign(first!, change));

const CODE = hex('31323334ffffffff');
const ZEROS = '3030303030303030';

export function codesVectors(): VectorFile {
  return {
    name: 'packages/codes',
    title: 'PINs, PUKs and ADM codes',
    judges: 'profile package',
    groups: [ofPins(), ofPuks(), ofScope(), ofUnique(), ofReference(), ofPlaceholders()],
  };
}

function ofPins(): Group {
  const value = (text: string) => small(pin({ pinValue: hex(text) }));
  const adm = (text: string) =>
    small(
      pins((list) => {
        list[1]!.pinValue = hex(text);
      }),
    );
  const refused = 'pinCodes/1/pin-value';
  return {
    rule: 'pin-value: a PIN is 4 to 8 digits, then FF to 8 bytes; an ADM code any 8 bytes',
    clause: 'TS 102 221 §9.5; TCA profile package, PINConfiguration',
    tests: [
      valid('4 digits', value('31323334ffffffff')),
      valid('8 digits', value('3132333435363738')),
      invalid(refused, '3 digits', value('313233ffffffffff')),
      invalid(refused, 'no digit', value('ffffffffffffffff')),
      invalid(refused, 'a letter', value('3132334130ffffff')),
      invalid(refused, 'the sign after 9', value('3132333aFFFFFFFF')),
      invalid(refused, 'the sign before 0', value('3132332fffffffff')),
      invalid(refused, 'a digit after the filler', value('31323334ffffff31')),
      invalid(refused, 'zeros to fill it', value('3132333400000000')),
      valid('an ADM code of any bytes', adm('00ff00ff41424344')),
    ],
  };
}

function ofPuks(): Group {
  const value = (text: string) => small(puk({ pukValue: hex(text) }));
  const refused = 'pukCodes/1/pin-value';
  return {
    rule: 'pin-value: a PUK is 8 digits',
    clause: 'TS 102 221 §9.5; TCA profile package, PUKConfiguration',
    tests: [
      valid('8 digits', value('3938373635343332')),
      invalid(refused, '7 digits and FF', value('31313131313131ff')),
      invalid(refused, 'a letter', value('3131313131313141')),
    ],
  };
}

function ofScope(): Group {
  const code = (keyReference: number): Pin => ({ keyReference, pinValue: CODE });
  const scope = (reference: number) => `pinCodes/${reference}/pin-scope`;
  return {
    rule: 'pin-scope: codes of the whole card are in the MF, those of an application behind it',
    clause: 'TS 102 221 §9.5.1',
    tests: [
      valid('08 in the MF', small(addPin(code(0x08)))),
      invalid(scope(0x81), '81 in the MF', small(addPin(code(0x81)))),
      valid('82 behind the USIM', small(addPin(code(0x82), 1))),
      invalid(scope(0x01), '01 behind the USIM', small(addPin(code(0x01), 1))),
      valid('the last global ADM, 0E, in the MF', small(addPin(code(0x0e)))),
      invalid(scope(0x8a), 'ADM6, 8A, in the MF', small(addPin(code(0x8a)))),
    ],
  };
}

function ofUnique(): Group {
  return {
    rule: 'pin-unique: each code once in its list',
    clause: 'TCA profile package, PE-PINCodes, PE-PUKCodes',
    tests: [
      invalid(
        'pinCodes/1/pin-unique',
        'PIN 1 twice',
        small(pins((list) => void list.push(list[0]!))),
      ),
      invalid(
        'pukCodes/1/pin-unique',
        'PUK 1 twice',
        small(puks((list) => void list.push(list[0]!))),
      ),
      valid('a PIN and a PUK of one number', small()),
    ],
  };
}

function ofReference(): Group {
  return {
    rule: 'puk-reference: the code that unblocks a PIN is there',
    clause: 'TCA profile package, PINConfiguration',
    tests: [
      valid('the second PUK', small(pin({ unblockingPINReference: 0x81 }))),
      invalid(
        'pinCodes/1/puk-reference',
        'one that is not defined',
        small(pin({ unblockingPINReference: 2 })),
      ),
      invalid('pinCodes/1/puk-reference', 'without PUKs', small(without('pukCodes'))),
      valid(
        'none',
        small(
          pins((list) => {
            delete list[0]!.unblockingPINReference;
          }),
        ),
      ),
    ],
  };
}

function ofPlaceholders(): Group {
  const adm = (at: number, text: string) =>
    small(
      pins((list) => {
        list[at]!.pinValue = hex(text);
      }),
    );
  return {
    rule: 'placeholder-secret: ADM codes and PUKs are not the zeros of a template; the user chooses a PIN',
    clause: 'a rule of Simwright: whoever knows them administers the card',
    tests: [
      valid('one digit of an ADM code is another', adm(1, '3030303030303031')),
      invalid('pinCodes/10/placeholder-secret', 'ADM1 is 00000000', adm(1, ZEROS)),
      invalid('pinCodes/11/placeholder-secret', 'ADM2 is 00000000', adm(2, ZEROS)),
      valid('one digit of a PUK is another', small(puk({ pukValue: hex('3130303030303030') }))),
      invalid(
        'pukCodes/1/placeholder-secret',
        'a PUK is 00000000',
        small(puk({ pukValue: hex(ZEROS) })),
      ),
      valid('PIN1 is 0000', small(pin({ pinValue: hex('30303030ffffffff') }))),
    ],
  };
}
