/** An OAuth access token of the REST API. */
export type RestToken = string & { readonly __rest: unique symbol };
/** An organisation's static token of the SCIM API; no REST token, and the other way round. */
export type ScimToken = string & { readonly __scim: unique symbol };

/** Takes a token as it was pasted or stored. @throws TypeError, without the token, if it can't stand in a header. */
export const restToken = (text: string): RestToken => checkToken(text, 'REST access token') as RestToken;

/** Takes a token as it was pasted or stored. @throws TypeError, without the token, if it can't stand in a header. */
export const scimToken = (text: string): ScimToken => checkToken(text, 'SCIM token') as ScimToken;

function checkToken(text: string, name: string): string {
  const token = text.trim();
  if (token === '') throw new TypeError(`The ${name} is empty`);
  if (!/^[\x21-\x7e]+$/.test(token)) throw new TypeError(`The ${name} holds spaces, control or non-ASCII characters`);
  return token;
}
