// The type of values that have passed the checks of a clause, and may be signed.
declare const checked: unique symbol;

/** A value that only the function with the checks of `Clause` produces. Only such values are signed; see signed.ts. */
export type Checked<T, Clause extends string> = T & { readonly [checked]: Clause };
