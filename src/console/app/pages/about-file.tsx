/** Devices with an EID of GSMA SGP.29, with its check digits. */
const SAMPLE = `Eid,FriendlyName,ConfirmationCode
89049032005008882600033489000056,Truck 17,
,Anna Schmidt,2580
`;

/** What a file of orders has in it. */
export function AboutFile() {
  return (
    <section class="card about-file" aria-labelledby="about-file">
      <h2 id="about-file">The file</h2>
      <p>
        The first line has names of parameters: <code>Eid</code>, <code>FriendlyName</code>,{' '}
        <code>ConfirmationCode</code>, <code>ProfileType</code>, <code>ExpiresAt</code>,{' '}
        <code>GenerateMatchingId</code>, <code>CallbackUrl</code>, <code>Metadata.site</code> and
        others with keys of your own. Each line below is an order.
      </p>
      <p>
        What a line leaves empty, it has from the form. Commas, semicolons or tabs; up to 10,000
        lines.
      </p>
      <a
        class="button"
        href={`data:text/csv;charset=utf-8,${encodeURIComponent(SAMPLE)}`}
        download="simwright-batch-sample.csv"
      >
        Download a sample
      </a>
    </section>
  );
}
