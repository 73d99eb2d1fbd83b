/** Parses server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html */

/** @typedef {{ name: string, data: string, id: string }} ServerSentEvent */

/**
 * Yield the events of a response's body.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} onData called whenever anything arrives, comments included
 * @returns {AsyncGenerator<ServerSentEvent, void>}
 */
export async function* events(body, onData) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let [rest, id] = ["", ""];
  /** @type {Record<string, string>} */
  let fields = {};
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onData();
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line) {
          addField(fields, line);
          continue;
        }
        id = fields.id ?? id;
        if (fields.data !== undefined) yield { name: fields.event ?? "message", data: fields.data, id };
        fields = {};
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** @param {Record<string, string>} fields @param {string} line */
function addField(fields, line) {
  const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
  if (name === "data" && fields.data !== undefined) fields.data += `\n${value}`;
  else if (name) fields[name] = value;
}
