// The packages of a template, made the fast way: the template is compiled once per shape of a subscription and then
// only filled in. Now and then a package is made the slow way as well, field by field and with every check, and the
// two are compared: docs/decisions/0028-compiled-templates.md.
import { LimitedMemory } from '../../process/limited-memory.ts';
import { compileTemplate, fillCompiled, hasPlaceholder } from '../../saip/compile-template.ts';
import type { CompiledTemplate } from '../../saip/compile-template.ts';
import { personalisationOf } from '../../saip/personalisation.ts';
import type { Personalisation } from '../../saip/personalisation.ts';
import { splitProfilePackage } from '../../saip/profile-element.ts';
import { SaipError } from '../../saip/saip-error.ts';
import { shapeOf, valuesOf } from '../../saip/shape.ts';
import type { SharedTemplate } from '../../saip/shared-template.ts';
import type { Subscription } from '../../saip/subscription.ts';

/** Of the packages of a shape, the first and then one in this many is compared. */
export const COMPARED_ONE_IN = 100;
const SHAPES = 32;
const BYTES = 2 * 1024 * 1024;
/** Larger packages, which no eUICC of today has room for, are made slowly. */
const LARGEST = BYTES / 4;
/** Of what is kept for a shape besides the package. */
const OVERHEAD = 4 * 1024;

/** Where the two ways differ, without any value. */
export interface Difference {
  /** Name of the element with the first byte that differs; undefined if the slow way refused the package. */
  element?: string;
  offset?: number;
  /** Number of packages of this shape that were delivered since the last comparison. */
  uncompared: number;
}

interface Shape {
  /** Undefined if its packages are made slowly. */
  compiled: CompiledTemplate | undefined;
  made: number;
}

export class CompiledPackages {
  readonly #template: SharedTemplate;
  readonly #compile: typeof compileTemplate;
  readonly #shapes = new LimitedMemory<Shape>(SHAPES, BYTES);
  #isDistrusted = false;

  constructor(template: SharedTemplate, compile = compileTemplate) {
    this.#template = template;
    this.#compile = compile;
  }

  /** What is kept for all shapes. */
  get kept(): { shapes: number; bytes: number } {
    return { shapes: this.#shapes.count, bytes: this.#shapes.size };
  }

  /**
   * @param slowly makes the same package field by field, or throws its findings; its result is the one that counts
   * @param onDifference after it, all packages of this template are made slowly
   */
  make(
    subscription: Subscription,
    slowly: () => Uint8Array,
    onDifference: (difference: Difference) => void,
  ): Uint8Array {
    const personalisation = this.#isDistrusted ? undefined : this.#encoded(subscription);
    if (personalisation === undefined) return slowly();
    const shape = this.#shapeOf(personalisation, subscription);
    if (shape.compiled === undefined) return slowly();
    const upp = fillCompiled(shape.compiled, valuesOf(personalisation));
    shape.made += 1;
    if (shape.made % COMPARED_ONE_IN !== 1) return upp;
    const uncompared = shape.made === 1 ? 0 : COMPARED_ONE_IN - 1;
    const distrust = (difference: Omit<Difference, 'uncompared'>) => {
      this.#isDistrusted = true;
      this.#shapes.clear();
      onDifference({ ...difference, uncompared });
    };
    return compared(upp, slowly, distrust);
  }

  /** Undefined for values that the slow way refuses: it says why. */
  #encoded(subscription: Subscription): Personalisation | undefined {
    try {
      const personalisation = personalisationOf(this.#template.elements, subscription);
      return hasPlaceholder(personalisation) ? undefined : personalisation;
    } catch (error) {
      if (error instanceof SaipError) return undefined;
      throw error;
    }
  }

  #shapeOf(personalisation: Personalisation, subscription: Subscription): Shape {
    const key = shapeOf(personalisation);
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const made = this.#compile(this.#template, subscription);
    const compiled = made && made.upp.length <= LARGEST ? made : undefined;
    const shape: Shape = { compiled, made: 0 };
    this.#shapes.set(key, shape, OVERHEAD + (compiled?.upp.length ?? 0));
    return shape;
  }
}

function compared(
  upp: Uint8Array,
  slowly: () => Uint8Array,
  distrust: (difference: Omit<Difference, 'uncompared'>) => void,
): Uint8Array {
  let expected: Uint8Array;
  try {
    expected = slowly();
  } catch (error) {
    distrust({});
    throw error;
  }
  if (Buffer.compare(expected, upp) !== 0) {
    const at = expected.findIndex((byte, i) => byte !== upp[i]);
    const offset = at < 0 ? expected.length : at;
    const element = splitProfilePackage(expected).findLast((one) => one.offset <= offset);
    distrust({ element: element?.name ?? 'none', offset });
  }
  return expected;
}
