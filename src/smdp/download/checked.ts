// Material that the checks of a clause have passed: the type of what may be signed.
declare const checked: unique symbol;

/**
 * A value that only the function which makes the checks of `Clause` gives out. A signature is made over such a value
 * alone; see signed.ts.
 */
export type Checked<T, Clause extends string> = T & { readonly [checked]: Clause };
