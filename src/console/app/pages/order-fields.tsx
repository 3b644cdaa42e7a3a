// The fields of the order form, grouped by question.
import { Command } from '../components/command.tsx';
import { Field } from '../components/field.tsx';
import { SelectField } from '../components/select-field.tsx';
import { BASE } from '../location.ts';
import type { StockOfType } from '../types.ts';
import { useAccount } from '../use-account.ts';
import { MethodChoice } from './method-choice.tsx';
import { doubtOfEid } from './order.ts';
import type { Order } from './order.ts';
import type { OrderForm } from './use-order-form.ts';

type Props = Pick<OrderForm, 'order' | 'change' | 'field'>;

export function ForWhom({ order, change, field }: Props) {
  return (
    <>
      <fieldset class="field">
        <legend>Who will download it?</legend>
        <label class="choice">
          <input
            type="radio"
            name="for"
            checked={order.for === 'anyone'}
            onChange={() => change({ for: 'anyone' })}
          />
          <span>
            Anyone with the activation code
            <br />
            <span class="muted">You get a matching ID and a QR code.</span>
          </span>
        </label>
        <label class="choice">
          <input
            type="radio"
            name="for"
            checked={order.for === 'device'}
            onChange={() => change({ for: 'device' })}
          />
          <span>
            One device, by its EID
            <br />
            <span class="muted">The device finds the profile by itself, without a code.</span>
          </span>
        </label>
      </fieldset>
      {order.for === 'device' && (
        <>
          <Field
            label="EID"
            help={
              doubtOfEid(order.Eid) ??
              '32 digits, shown on the device under About or by dialling *#06#.'
            }
            mono
            autofocus
            {...field('Eid')}
          />
          <label class="choice">
            <input
              type="checkbox"
              checked={order.alsoMatchingId}
              onChange={({ currentTarget }) => change({ alsoMatchingId: currentTarget.checked })}
            />
            Also make an activation code, which only this device can use
          </label>
        </>
      )}
    </>
  );
}

export function ProfileTypeChoice({
  order,
  change,
  types,
}: Omit<Props, 'field'> & { types: readonly StockOfType[] }) {
  return (
    <SelectField
      label="Profile type"
      value={order.ProfileType}
      onChoose={(ProfileType) => change({ ProfileType })}
      options={[
        { value: '', title: 'Any in stock' },
        ...types.map(({ profile_type: type, available }) => ({
          value: type,
          title: `${type} (${available} left)`,
          disabled: available === 0,
        })),
      ]}
    />
  );
}

/** How many subscriptions are available for the order; undefined if not known yet. */
export function inStock(
  { ProfileType }: Order,
  types: readonly StockOfType[] | undefined,
): number | undefined {
  return types
    ?.filter(({ profile_type: type }) => ProfileType === '' || type === ProfileType)
    .reduce((sum, { available }) => sum + available, 0);
}

/** Warns before ordering: without stock, the order would be accepted and then fail. */
export function StockNote({ count, mayChange }: { count: number | undefined; mayChange: boolean }) {
  if (count === undefined) return null;
  if (count > 0) return <p class="muted stock-note">{count.toLocaleString()} in stock</p>;
  return (
    <p class="field-problem stock-note" role="status">
      None in stock: an order would fail.{' '}
      {mayChange && <a href={`${BASE}/stock`}>Import subscriptions</a>}
    </p>
  );
}

export function CallbackFields({ order, change, field }: Props) {
  /** The URL of the account; null: none; undefined: not known yet. */
  const ofAccount = useAccount().value?.callback_url;
  const isOff = order.noCallbacks;
  return (
    <>
      {!isOff && (
        <Field
          label="Callback URL (optional)"
          help={
            ofAccount == null
              ? 'Called whenever the status changes.'
              : `Called whenever the status changes. Empty: ${ofAccount}, the URL of the account.`
          }
          placeholder="https://example.com/status"
          mono
          {...field('CallbackUrl')}
        />
      )}
      {!isOff && order.CallbackUrl !== '' && (
        <MethodChoice
          method={order.CallbackMethod}
          onChoose={(method) => change({ CallbackMethod: method })}
        />
      )}
      {ofAccount != null && (
        <label class="choice">
          <input
            type="checkbox"
            checked={isOff}
            onChange={({ currentTarget }) => change({ noCallbacks: currentTarget.checked })}
          />
          No callbacks for this order
        </label>
      )}
    </>
  );
}

/** What the form orders, as a command. */
export function AsCurl({ command }: { command: string }) {
  return (
    <section class="card" aria-labelledby="as-curl">
      <h2 id="as-curl">The same with curl</h2>
      <Command text={command} />
    </section>
  );
}
