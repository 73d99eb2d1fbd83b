/** Server-sent events as they come. https://html.spec.whatwg.org/multipage/server-sent-events.html */

/**
 * The events of a response's body, until it ends.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} heard called with everything that comes, were it only a sign of life
 * @returns {AsyncGenerator<{ name: string, data: string, id: string }>}
 */
export async function* events(body, heard) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let [rest, id, fields] = ["", "", {}];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line) {
          take(fields, line);
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

function take(fields, line) {
  const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
  if (name === "data" && fields.data !== undefined) fields.data += `\n${value}`;
  else if (name) fields[name] = value;
}
