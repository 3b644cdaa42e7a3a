// Rules of `check`: PINs, PUKs, AKA keys and security domain keys. Messages give sizes and
// references, never values.
import type { CheckRule, Finding } from './check.ts';
import { PIN_KEY_REFERENCES } from './codes.ts';
import type { PINConfiguration } from './codes.ts';
import type { AlgoParameter } from './aka-parameter.ts';
import { elementsOf } from './profile-element.ts';
import type { ElementName, ProfileElement } from './profile-element.ts';
import { KEY_SIZES } from './security-domain.ts';
import { algorithmNameOf, keySizeProblem } from './subscription.ts';

const DIRECTORIES: readonly ElementName[] = ['mf', 'cd', 'telecom', 'usim', 'isim', 'csim', 'iot'];
const NAAS: readonly ElementName[] = ['usim', 'isim', 'csim', 'iot'];
const LOCAL = 0x80; // TS 102 221 §9.5.1: key references of a directory's own codes have b8 set

export function checkSecrets(elements: readonly ProfileElement[]): Finding[] {
  return [
    ...checkPins(elements),
    ...checkPuks(elements),
    ...checkAka(elements),
    ...checkKeys(elements),
  ];
}

function checkPins(elements: readonly ProfileElement[]): Finding[] {
  const puks = new Set(
    elementsOf(elements, 'pukCodes').flatMap(({ value }) =>
      value.pukCodes.map(({ keyReference }) => keyReference),
    ),
  );
  const findings: Finding[] = [];
  let directory: ElementName = 'mf';
  for (const element of elements) {
    directory = DIRECTORIES.find((name) => name === element.name) ?? directory;
    if (element.name !== 'pinCodes') continue;
    const { pinCodes } = element.value;
    if (pinCodes.choice !== 'pinconfig') continue;
    const seen = new Set<number>();
    for (const pin of pinCodes.value) {
      const where = `pinCodes/${pin.keyReference}`;
      const add = (rule: CheckRule, message: string): void => {
        findings.push({ rule, where, message });
      };
      if (seen.has(pin.keyReference)) add('pin-unique', 'expected one entry, got another');
      seen.add(pin.keyReference);
      const isLocal = (pin.keyReference & LOCAL) !== 0;
      if (isLocal === (directory === 'mf')) {
        add(
          'pin-scope',
          `expected a ${isLocal ? 'global' : 'local'} code in ${directory}, got another`,
        );
      }
      const puk = pin.unblockingPINReference;
      if (puk !== undefined && !puks.has(puk)) {
        add('puk-reference', `expected PUK ${puk} in pukCodes, got none`);
      }
      const problem = pinProblem(pin);
      if (problem) add(problem[0], problem[1]);
    }
  }
  return findings;
}

const ADM_REFERENCES = new Set<number>(
  Object.entries(PIN_KEY_REFERENCES).flatMap(([name, reference]) =>
    name.startsWith('adm') ? [reference] : [],
  ),
);

function pinProblem({ keyReference, pinValue }: PINConfiguration): [CheckRule, string] | undefined {
  const digits = pinValue.findIndex((byte) => byte === 0xff);
  const isPadded = digits < 0 || pinValue.subarray(digits).every((byte) => byte === 0xff);
  const length = digits < 0 ? pinValue.length : digits;
  const isNumeric = pinValue.subarray(0, length).every(isDigit);
  const isAdm = ADM_REFERENCES.has(keyReference);
  if (isAdm && isPlaceholder(pinValue)) return ['placeholder-secret', 'expected a code, got zeros'];
  if (isAdm) return undefined; // an ADM code may be any 8 bytes
  if (!isPadded || !isNumeric || length < 4) {
    return ['pin-value', 'expected 4 to 8 digits, then FF, got another form'];
  }
  return undefined;
}

function checkPuks(elements: readonly ProfileElement[]): Finding[] {
  return elementsOf(elements, 'pukCodes').flatMap(({ value }) => {
    const seen = new Set<number>();
    return value.pukCodes.flatMap(({ keyReference, pukValue }): Finding[] => {
      const where = `pukCodes/${keyReference}`;
      const isTwice = seen.has(keyReference);
      seen.add(keyReference);
      if (isTwice) {
        return [{ rule: 'pin-unique', where, message: 'expected one entry, got another' }];
      }
      if (!pukValue.every(isDigit)) {
        return [{ rule: 'pin-value', where, message: 'expected 8 digits, got another form' }];
      }
      if (isPlaceholder(pukValue)) {
        return [{ rule: 'placeholder-secret', where, message: 'expected a code, got zeros' }];
      }
      return [];
    });
  });
}

/** Each application that authenticates has its parameters before the next one begins. */
function checkAka(elements: readonly ProfileElement[]): Finding[] {
  const findings: Finding[] = [];
  elements.forEach((element, i) => {
    if (!NAAS.some((name) => name === element.name)) return;
    const next = elements.findIndex(
      ({ name }, j) => j > i && NAAS.some((application) => application === name),
    );
    const own = elements.slice(i + 1, next < 0 ? undefined : next);
    const wanted = element.name === 'csim' ? 'cdmaParameter' : 'akaParameter';
    if (!own.some(({ name }) => name === wanted)) {
      const message = `expected ${wanted} after ${element.name}, got none`;
      findings.push({ rule: 'aka-present', where: element.name, message });
    }
  });
  for (const { value } of elementsOf(elements, 'akaParameter')) {
    if (value.algoConfiguration.choice === 'algoParameter') {
      findings.push(...checkAlgoParameter(value.algoConfiguration.value));
    }
  }
  return findings;
}

function checkAlgoParameter({ algorithmID, key, opc }: AlgoParameter): Finding[] {
  const where = 'akaParameter/algoParameter';
  const algorithm = algorithmNameOf(algorithmID);
  if (!algorithm) {
    return [{ rule: 'aka-key', where, message: `expected algorithm 1 to 3, got ${algorithmID}` }];
  }
  const problem = keySizeProblem(algorithm, key.length, opc.length);
  if (problem) {
    const message = `expected ${problem.expected}, got ${problem.got}`;
    return [{ rule: 'aka-key', where, message }];
  }
  const ignoresOpc = algorithm === 'usim-test-algorithm';
  if (isZero(key) || (!ignoresOpc && isZero(opc))) {
    return [{ rule: 'placeholder-secret', where, message: 'expected keys, got zeros' }];
  }
  return [];
}

function checkKeys(elements: readonly ProfileElement[]): Finding[] {
  return elementsOf(elements, 'securityDomain').flatMap(({ value }) => {
    const seen = new Set<string>();
    return (value.keyList ?? []).flatMap((object): Finding[] => {
      const reference = `${object.keyVersionNumber[0]}/${object.keyIdentifier[0]}`;
      const where = `securityDomain/key ${reference}`;
      const isTwice = seen.has(reference);
      seen.add(reference);
      if (isTwice) {
        return [{ rule: 'security-domain-key', where, message: 'expected one key, got another' }];
      }
      return object.keyComponents.flatMap(({ keyType, keyData }): Finding[] => {
        const sizes = KEY_SIZES[keyType[0] ?? 0];
        if (sizes && !sizes.includes(keyData.length)) {
          const message = `expected ${sizes.join(' or ')} bytes, got ${keyData.length}`;
          return [{ rule: 'security-domain-key', where, message }];
        }
        if (isZero(keyData)) {
          return [{ rule: 'placeholder-secret', where, message: 'expected a key, got zeros' }];
        }
        return [];
      });
    });
  });
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** A key that nobody has filled in. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Eight digits 0: a code that nobody has filled in. */
export function isPlaceholder(code: Uint8Array): boolean {
  return code.every((byte) => byte === 0x30);
}
