/** A link to bytes that the page has. @param base64 as the API has them */
export const fileHref = (base64: string) => `data:application/octet-stream;base64,${base64}`;
