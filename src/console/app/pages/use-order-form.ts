import { useState } from 'preact/hooks';
import type { FieldProps } from '../components/field.tsx';
import type { ApiProblem } from '../http.ts';
import { checkOrder, EMPTY_ORDER, ORDER_FIELDS } from './order.ts';
import type { Order, OrderField, TextField } from './order.ts';

export interface OrderForm {
  order: Order;
  change: (values: Partial<Order>) => void;
  /** The properties of a text field of the order. */
  field: (name: TextField) => Pick<FieldProps, 'name' | 'value' | 'onInput' | 'onBlur' | 'problem'>;
  problemOf: (field: OrderField) => string | undefined;
  isValid: boolean;
  /** Shows what is wrong with any field. */
  showAll: () => void;
}

/**
 * The state of a form with the parameters of an order.
 * @param refused by the API
 * @param onChange called when a value has changed
 * @param start what it begins with
 */
export function useOrderForm(
  refused: ApiProblem | undefined,
  onChange: () => void,
  start: Partial<Order> = {},
): OrderForm {
  const [order, setOrder] = useState<Order>({ ...EMPTY_ORDER, ...start });
  const [left, setLeft] = useState<ReadonlySet<OrderField>>(new Set());
  const found = checkOrder(order);
  function change(values: Partial<Order>): void {
    setOrder({ ...order, ...values });
    onChange();
  }
  /** No error is shown while a field is first being filled in. */
  function problemOf(field: OrderField): string | undefined {
    if (refused?.parameter === field) return refused.reason;
    return left.has(field) ? found[field] : undefined;
  }
  return {
    order,
    change,
    problemOf,
    field: (name) => ({
      name,
      value: order[name],
      onInput: (value) => change({ [name]: value }),
      onBlur: () => setLeft(new Set(left).add(name)),
      problem: problemOf(name),
    }),
    isValid: Object.keys(found).length === 0,
    showAll: () => setLeft(new Set(ORDER_FIELDS)),
  };
}

/** Moves the focus to the first field with an error, once it is shown. */
export function focusWrong(form: HTMLElement | null): void {
  setTimeout(() => form?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
}
