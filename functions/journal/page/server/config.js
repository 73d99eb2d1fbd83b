/** What the server says of itself before anybody has signed in. */

import { Unreachable, refusal } from "./errors.js";

let told = null;

/** {accounts, sign_in, dictation, search, similar, recordings}. */
export async function read() {
  let response;
  try {
    response = await fetch("/page/config.json");
  } catch {
    throw new Unreachable();
  }
  if (!response.ok) throw await refusal(response);
  return (told = await response.json());
}

/** Where to dictate, or null. */
export const dictation = () => told?.dictation ?? null;

/** Whether entries can be found by what they are about. */
export const searches = () => Boolean(told?.search);

export const compares = () => Boolean(told?.similar);

/** Whether recordings too large for one request have somewhere to go. */
export const takesLarge = () => Boolean(told?.recordings);

export const accounts = () => Boolean(told?.accounts);
