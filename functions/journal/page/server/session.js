/**
 * Who is signed in. The ID token is held in memory only; the refresh token for as long as this tab is open or,
 * where the person wished it, until they sign out.
 */

import * as identity from "./identity.js";
import { SignedOut } from "./errors.js";

const KEPT_AS = "samo.session";
const EARLY_MS = 60_000;

let provider = null;
let current = null;
let renewing = null;

/** `settings`: how people sign in here; null where nobody has to. */
export function prepare(settings) {
  provider = settings;
  const kept = settings && read();
  current = kept ? { ...kept, token: null, until: 0 } : null;
  addEventListener("storage", ({ key }) => key === KEPT_AS && provider && !read() && over());
}

export const needed = () => provider !== null;

export const signedIn = () => current !== null;

/** The e-mail address that is signed in, or null. */
export const who = () => current?.email ?? null;

export async function signIn(email, password, stay) {
  await take(await identity.signIn(provider, email, password), email, stay);
}

export async function signUp(email, password, stay) {
  await take(await identity.signUp(provider, email, password), email, stay);
}

export const sendPasswordReset = (email) => identity.sendPasswordReset(provider, email);

/** What a request carries; nothing where nobody has to sign in. */
export async function headers() {
  if (!needed()) return {};
  return { Authorization: `Bearer ${await token()}` };
}

/** A token that is good for a while yet. */
export async function token() {
  if (!current) throw new SignedOut();
  if (Date.now() > current.until - EARLY_MS) await renew();
  return current.token;
}

/** A fresh token; whoever asks meanwhile waits for the same one. */
export async function renew() {
  renewing ??= exchange().finally(() => (renewing = null));
  return renewing;
}

/** Forget whoever was signed in; the window hears of it as `signedout`. */
export function over() {
  if (!current) return;
  const by = current.email;
  forget();
  dispatchEvent(new CustomEvent("signedout", { detail: { by } }));
}

export function forget() {
  current = null;
  for (const place of [sessionStorage, localStorage]) place.removeItem(KEPT_AS);
}

async function exchange() {
  const before = current;
  if (!before) throw new SignedOut();
  try {
    const fresh = await identity.renew(provider, before.refresh);
    if (current === before) keep({ ...before, ...fresh }, Boolean(localStorage.getItem(KEPT_AS)));
  } catch (error) {
    if (!(error instanceof identity.Refused)) throw error;
    over();
    throw new SignedOut();
  }
  if (!current) throw new SignedOut();
}

async function take(tokens, email, stay) {
  forget();
  keep({ ...tokens, email }, stay);
  dispatchEvent(new Event("signedin"));
}

function keep(session, stay) {
  current = session;
  const { refresh, email } = session;
  (stay ? localStorage : sessionStorage).setItem(KEPT_AS, JSON.stringify({ refresh, email }));
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT_AS) ?? localStorage.getItem(KEPT_AS));
  } catch {
    return null;
  }
}
