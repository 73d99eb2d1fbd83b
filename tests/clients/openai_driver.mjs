// Makes the call it reads with OpenAI's client and writes the result, so that one suite tests both of its clients.

import { createReadStream, readFileSync } from "node:fs";
import OpenAI, { APIError } from "openai";

const { address, key, method, parameters } = JSON.parse(readFileSync(0, "utf8"));
const client = new OpenAI({ baseURL: address, apiKey: key, maxRetries: 0 });

async function run() {
  if (method === "models.list") return (await client.models.list()).data;
  if (method === "models.retrieve") return client.models.retrieve(parameters.model);
  const result = await client.audio.transcriptions.create({ ...parameters, file: createReadStream(parameters.file) });
  if (!parameters.stream) return result;
  const events = [];
  for await (const event of result) events.push(event);
  return events;
}

try {
  console.log(JSON.stringify({ value: await run() }));
} catch (error) {
  if (!(error instanceof APIError)) throw error;
  const { status, code, type, param } = error;
  const headers = Object.fromEntries(error.headers ?? []);
  console.log(JSON.stringify({ error: { name: error.constructor.name, status, code, type, param, headers } }));
}
