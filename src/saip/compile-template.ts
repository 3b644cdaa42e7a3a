// A template compiled for the shape of a subscription: the whole package, checked once, and where its values are, as
// the DER writer wrote them. A package is then a copy with the values of its subscription filled in.
import { DerWriter } from '../rsp/der-writer.ts';
import { checkElements } from './check.ts';
import { isPlaceholder, isZero } from './check-secrets.ts';
import { visitParts } from './composed.ts';
import { personalisationOf } from './personalisation.ts';
import type { Personalisation } from './personalisation.ts';
import { personaliseElements, readBack } from './personalise.ts';
import { writeProfilePackage } from './profile-element.ts';
import { SaipError } from './saip-error.ts';
import { sampleOf } from './sample-subscription.ts';
import { valuesOf } from './shape.ts';
import type { SharedTemplate } from './shared-template.ts';
import type { Subscription } from './subscription.ts';

/** Where a value is in the package; the same may be in several places. */
export interface Place {
  /** Index in `valuesOf`. */
  value: number;
  offset: number;
  size: number;
}

export interface CompiledTemplate {
  /** The package with zeros in every place, so without any subscription's secrets. */
  readonly upp: Uint8Array;
  readonly places: readonly Place[];
}

/**
 * For all subscriptions with the shape of this one.
 * @returns undefined if packages of this shape have findings, or do not differ in the places of their values alone
 */
export function compileTemplate(
  template: SharedTemplate,
  like: Subscription,
): CompiledTemplate | undefined {
  // The records of EF.IMPU that are written depend on the identities given.
  if (like.ims !== undefined) return undefined;
  try {
    const compiled = compileFor(template, sampleOf(like, 1));
    const other = compileFor(template, sampleOf(like, 2));
    return compiled && other && areEqual(compiled, other) ? compiled : undefined;
  } catch (error) {
    if (error instanceof SaipError) return undefined;
    throw error;
  }
}

/** Whether a value is one that `check` refuses in a package: a key or code that is zero. */
export function hasPlaceholder(personalisation: Personalisation): boolean {
  const { algoKeys, pinCodes, pukCodes, sdKeys, otaKeys } = personalisation;
  const { algorithm, key, opc } = algoKeys;
  return (
    isZero(key) ||
    (algorithm !== 'usim-test-algorithm' && isZero(opc)) ||
    pinCodes.some(({ value }) => isPlaceholder(value)) ||
    pukCodes.some(({ value }) => isPlaceholder(value)) ||
    sdKeys.some((one) => isZero(one.key)) ||
    otaKeys.some((one) => isZero(one.key))
  );
}

/** @param values those of a personalisation with the shape for which the template was compiled */
export function fillCompiled(
  { upp, places }: CompiledTemplate,
  values: readonly Uint8Array[],
): Uint8Array {
  const filled = upp.slice();
  for (const { value, offset } of places) filled.set(values[value]!, offset);
  return filled;
}

/** Throws `SaipError` if the template has no place for a value. */
function compileFor(template: SharedTemplate, sample: Subscription): CompiledTemplate | undefined {
  const personalisation = personalisationOf(template.elements, sample);
  const meant = personaliseElements(template, personalisation);
  const values = valuesOf(personalisation);
  const out = new PlacingWriter(values);
  writeProfilePackage(meant, out);
  const upp = out.bytes.slice();
  if (checkElements(readBack(upp, meant, sample), sample).length > 0) return undefined;
  const places = out.places();
  for (const { value, offset, size } of places) {
    if (Buffer.compare(upp.subarray(offset, offset + size), values[value]!) !== 0) return undefined;
  }
  for (const { offset, size } of places) upp.fill(0, offset, offset + size);
  return { upp, places };
}

/** Notes where it writes which of the values. */
class PlacingWriter extends DerWriter {
  readonly #values: Map<Uint8Array, number>;
  readonly #written: { bytes: Uint8Array; distanceToEnd: number }[] = [];

  constructor(values: readonly Uint8Array[]) {
    super();
    this.#values = new Map(values.map((value, index) => [value, index]));
  }

  override prepend(bytes: Uint8Array): void {
    super.prepend(bytes);
    this.#written.push({ bytes, distanceToEnd: this.size });
  }

  /** In the order of their offsets. */
  places(): Place[] {
    const places: Place[] = [];
    for (const { bytes, distanceToEnd } of this.#written) {
      visitParts(bytes, (part, at) => {
        const value = this.#values.get(part);
        if (value === undefined || part.length === 0) return;
        places.push({ value, offset: this.size - distanceToEnd + at, size: part.length });
      });
    }
    return places.toSorted((one, other) => one.offset - other.offset);
  }
}

function areEqual(one: CompiledTemplate, other: CompiledTemplate): boolean {
  return (
    Buffer.compare(one.upp, other.upp) === 0 &&
    one.places.length === other.places.length &&
    one.places.every((place, i) => {
      const { value, offset, size } = other.places[i]!;
      return place.value === value && place.offset === offset && place.size === size;
    })
  );
}
