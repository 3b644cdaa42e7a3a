// The fields of an order, by what they ask.
import { Field } from '../components/field.tsx';
import type { FieldProps } from '../components/field.tsx';
import { BASE } from '../location.ts';
import type { StockOfType } from '../types.ts';
import { doubtOfEid } from './order.ts';
import type { Order, OrderField } from './order.ts';

interface Props {
  order: Order;
  change: (values: Partial<Order>) => void;
  /** What a text field of the order shows and tells. */
  field: (
    name: OrderField,
  ) => Pick<FieldProps, 'name' | 'value' | 'onInput' | 'onBlur' | 'problem'>;
}

export function ForWhom({ order, change, field }: Props) {
  return (
    <>
      <fieldset class="field">
        <legend>Who shall download it?</legend>
        <label class="choice">
          <input
            type="radio"
            name="for"
            checked={order.for === 'anyone'}
            onChange={() => change({ for: 'anyone' })}
          />
          <span>
            Whoever has its activation code
            <br />
            <span class="muted">A matching ID and a QR code are made.</span>
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
            <span class="muted">It finds the profile by itself; no code is needed.</span>
          </span>
        </label>
      </fieldset>
      {order.for === 'device' && (
        <>
          <Field
            label="EID"
            help={
              doubtOfEid(order.Eid) ??
              '32 digits; the device shows them under About, or dial *#06#.'
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
            Make an activation code too, which this device alone can use
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
    <div class="field">
      <label for="profile-type">Profile type</label>
      <select
        id="profile-type"
        value={order.ProfileType}
        onChange={({ currentTarget }) => change({ ProfileType: currentTarget.value })}
      >
        <option value="">Any that is in stock</option>
        {types.map(({ profile_type: type, available }) => (
          <option key={type} value={type} disabled={available === 0}>
            {`${type} (${available} left)`}
          </option>
        ))}
      </select>
      {types.length > 0 && types.every(({ available }) => available === 0) && (
        <p class="field-problem">
          The stock is empty, so the order would fail.{' '}
          <a href={`${BASE}/stock`}>Import subscriptions</a>
        </p>
      )}
    </div>
  );
}

export function CallbackFields({ order, change, field }: Props) {
  return (
    <>
      <Field
        label="Callback URL (optional)"
        help="Called at every change of status."
        placeholder="https://example.com/status"
        mono
        {...field('CallbackUrl')}
      />
      {order.CallbackUrl !== '' && (
        <fieldset class="field">
          <legend>Callback method</legend>
          <div class="choices">
            {(['POST', 'GET'] as const).map((method) => (
              <label key={method} class="choice">
                <input
                  type="radio"
                  name="method"
                  checked={order.CallbackMethod === method}
                  onChange={() => change({ CallbackMethod: method })}
                />
                {method}
              </label>
            ))}
          </div>
        </fieldset>
      )}
    </>
  );
}
