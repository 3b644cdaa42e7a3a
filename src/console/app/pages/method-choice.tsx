import { useId } from 'preact/hooks';

/** How a callback URL is called. */
export function MethodChoice({
  method,
  onChoose,
  legend = 'Callback method',
}: {
  method: 'POST' | 'GET';
  onChoose: (method: 'POST' | 'GET') => void;
  legend?: string;
}) {
  const name = useId();
  return (
    <fieldset class="field">
      <legend>{legend}</legend>
      <div class="choices">
        {(['POST', 'GET'] as const).map((one) => (
          <label key={one} class="choice">
            <input
              type="radio"
              name={name}
              checked={method === one}
              onChange={() => onChoose(one)}
            />
            {one}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
