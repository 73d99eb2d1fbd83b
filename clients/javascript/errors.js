/** What can go wrong: SAMO refuses (RFC 9457 problem details), or no answer comes. */

/** Base of all; `code` is stable and meant for programs, `status` is 0 where there was no answer. */
export class SamoError extends Error {
  /** @param {string} detail @param {{code: string, status?: number, requestId?: string, retryAfter?: number | null}} about */
  constructor(detail, { code, status = 0, requestId = "", retryAfter = null }) {
    super(detail ? `${code}: ${detail}` : code);
    this.name = new.target.name;
    this.detail = detail;
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

export class InvalidRequest extends SamoError {}
export class Unauthenticated extends InvalidRequest {}
export class Forbidden extends InvalidRequest {}
export class NotFound extends InvalidRequest {}
export class Conflict extends InvalidRequest {}
export class RateLimited extends InvalidRequest {}
export class ServerError extends SamoError {}
export class Unavailable extends ServerError {}
export class Unreachable extends SamoError {}

const BY_STATUS = {
  401: Unauthenticated,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  429: RateLimited,
  503: Unavailable,
};

/** The error that an answer of 4xx or 5xx stands for, be it problem details or a proxy's own page. */
export async function ofAnswer(response) {
  const { status, headers } = response;
  const problem = await response.json().catch(() => null);
  const Kind = BY_STATUS[status] ?? (status >= 500 ? ServerError : InvalidRequest);
  return new Kind(problem?.detail || problem?.title || "", {
    code: problem?.code ?? `http_${status}`,
    status,
    requestId: problem?.request_id ?? headers.get("X-Request-Id") ?? "",
    retryAfter: seconds(headers.get("Retry-After")),
  });
}

/** No answer came, or it broke off. */
export const unreachable = (cause) =>
  Object.assign(new Unreachable(String(cause?.message ?? cause), { code: "unreachable" }), { cause });

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date. */
function seconds(retryAfter) {
  if (retryAfter === null) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const moment = Date.parse(retryAfter);
  return Number.isNaN(moment) ? null : Math.max(0, (moment - Date.now()) / 1000);
}
