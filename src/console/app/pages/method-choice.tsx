/** How a callback URL is called. */
export function MethodChoice({
  method,
  onChoose,
}: {
  method: 'POST' | 'GET';
  onChoose: (method: 'POST' | 'GET') => void;
}) {
  return (
    <fieldset class="field">
      <legend>Callback method</legend>
      <div class="choices">
        {(['POST', 'GET'] as const).map((one) => (
          <label key={one} class="choice">
            <input
              type="radio"
              name="method"
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
