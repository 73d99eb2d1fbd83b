/**
 * The signed-in user. The ID token is held in memory only; the refresh token for as long as this tab is open or, if
 * the user chose to stay signed in, until they sign out.
 */

import { SignedOut } from "./errors.js";
import * as identity from "./identity.js";

/** @import { SignInConfig } from "./config.js" */

/** @typedef {{ email: string, refresh: string, token: string | null, expiresAt: number }} Session */

const STORAGE_KEY = "samo.session";
const MARGIN_MS = 60_000;

/** @type {SignInConfig | null} */
let provider = null;
/** @type {Session | null} */
let current = null;
/** @type {Promise<void> | null} */
let renewal = null;

/** @param {SignInConfig | null} config null if sign-in is not required */
export function prepare(config) {
  provider = config;
  const stored = config && readStored();
  current = stored ? { ...stored, token: null, expiresAt: 0 } : null;
  addEventListener("storage", ({ key }) => {
    if (key === STORAGE_KEY && provider && !readStored()) expire();
  });
}

/** Whether this journal has sign-in. */
export const isRequired = () => provider !== null;

export const isSignedIn = () => current !== null;

/** The e-mail address of the user who is signed in, or null. */
export const email = () => current?.email ?? null;

/** @param {string} address @param {string} password @param {boolean} stay */
export async function signIn(address, password, stay) {
  await begin(await identity.signIn(configured(), address, password), address, stay);
}

/** @param {string} address @param {string} password @param {boolean} stay */
export async function signUp(address, password, stay) {
  await begin(await identity.signUp(configured(), address, password), address, stay);
}

/** @param {string} address */
export const sendPasswordReset = (address) => identity.sendPasswordReset(configured(), address);

/**
 * The token to send with a request; null if sign-in is not required. `renew`: the last one was rejected.
 *
 * @param {{ renew: boolean }} context
 */
export async function token({ renew }) {
  if (!isRequired()) return null;
  if (!current) throw new SignedOut();
  if (renew || Date.now() > current.expiresAt - MARGIN_MS) await renewOnce();
  return current.token;
}

/** End a session that has expired, and dispatch the window event `signedout`. */
export function expire() {
  if (!current) return;
  const detail = { email: current.email };
  forget();
  dispatchEvent(new CustomEvent("signedout", { detail }));
}

export function forget() {
  current = null;
  for (const storage of [sessionStorage, localStorage]) storage.removeItem(STORAGE_KEY);
}

function configured() {
  if (!provider) throw new Error("this journal has no sign-in");
  return provider;
}

/** Renew the token; concurrent callers share one renewal. */
function renewOnce() {
  renewal ??= renewToken().finally(() => {
    renewal = null;
  });
  return renewal;
}

async function renewToken() {
  const before = current;
  if (!before) throw new SignedOut();
  try {
    const tokens = await identity.renew(configured(), before.refresh);
    if (current === before) store({ ...before, ...tokens }, localStorage.getItem(STORAGE_KEY) !== null);
  } catch (error) {
    if (!(error instanceof identity.IdentityError)) throw error;
    expire();
    throw new SignedOut();
  }
  if (!current) throw new SignedOut();
}

/** @param {identity.Tokens} tokens @param {string} address @param {boolean} stay */
async function begin(tokens, address, stay) {
  forget();
  store({ ...tokens, email: address }, stay);
}

/** @param {Session} session @param {boolean} stay */
function store(session, stay) {
  current = session;
  const { refresh, email } = session;
  (stay ? localStorage : sessionStorage).setItem(STORAGE_KEY, JSON.stringify({ refresh, email }));
}

/** @returns {{ refresh: string, email: string } | null} */
function readStored() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? localStorage.getItem(STORAGE_KEY) ?? "null");
  } catch {
    return null;
  }
}
