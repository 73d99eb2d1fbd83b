// Runs the steps it reads with the JavaScript client and writes the results, so that one suite tests every client.

import { File } from "node:buffer";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { OPERATIONS, Samo, SamoError } from "../../clients/javascript/samo.js";

const { address, token, retries, steps } = JSON.parse(readFileSync(0, "utf8"));
const samo = new Samo(address, { token: () => token, retries });

const file = ({ path }) => new File([readFileSync(path)], basename(path));

function argument(value) {
  if (value?.path) return file(value);
  return Array.isArray(value) && value[0]?.path ? value.map(file) : value;
}

async function run({ method, args, options }) {
  const progress = [];
  if (options.progress) options.progress = (sent, total) => progress.push([sent, total]);
  if (options.audio) options.audio = file(options.audio);
  const names = method.split(".");
  const owner = names.slice(0, -1).reduce((object, name) => object[name], samo);
  const answer = owner[names.at(-1)](...args.map(argument), ...(Object.keys(options).length > 0 ? [options] : []));
  return { value: await plain(answer), progress };
}

async function plain(answer) {
  if (answer[Symbol.asyncIterator]) return collect(answer);
  const value = await answer;
  return value instanceof Blob ? { base64: Buffer.from(await value.arrayBuffer()).toString("base64") } : value;
}

async function collect(iterable) {
  const all = [];
  for await (const item of iterable) all.push(item);
  return all;
}

function plainError(error) {
  if (!(error instanceof SamoError) && error.name !== "TimeoutError") throw error;
  const { name, code, status, detail, requestId, retryAfter } = error;
  return { name, code, status, detail, request_id: requestId, retry_after: retryAfter };
}

if (steps === undefined) {
  const isMethod = (name) => typeof name.split(".").reduce((object, part) => object?.[part], samo) === "function";
  const named = Object.entries(OPERATIONS).map(([name, operation]) => [name, { ...operation, exists: isMethod(name) }]);
  console.log(JSON.stringify(Object.fromEntries(named)));
} else {
  const results = [];
  try {
    for (const step of steps) results.push(await run(step));
    console.log(JSON.stringify({ results }));
  } catch (error) {
    console.log(JSON.stringify({ results, error: plainError(error) }));
  }
}
