/** Errors: SAMO rejected a request (RFC 9457 problem details), or no response arrived. */

/** Base class. `code` is stable and meant for programs; `status` is 0 if there was no response. */
export class SamoError extends Error {
  /**
   * @param {string} detail
   * @param {{ code: string, status?: number, requestId?: string, retryAfter?: number | null }} about
   */
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

/** @type {Record<number, typeof SamoError>} */
const BY_STATUS = {
  401: Unauthenticated,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  429: RateLimited,
  503: Unavailable,
};

/**
 * Create the error for a status and the fields of a problem.
 *
 * @param {number} status
 * @param {string} detail
 * @param {{ code: string, requestId?: string, retryAfter?: number | null }} about
 */
export function errorFor(status, detail, about) {
  const Kind = BY_STATUS[status] ?? (status >= 500 ? ServerError : InvalidRequest);
  return new Kind(detail, { status, ...about });
}

/**
 * The error for a 4xx or 5xx response, from problem details or whatever a proxy sent.
 *
 * @param {Response} response
 */
export async function errorFromResponse(response) {
  const { status, headers } = response;
  const problem = await response.json().catch(() => null);
  return errorFor(status, problem?.detail || problem?.title || "", {
    code: problem?.code ?? `http_${status}`,
    requestId: problem?.request_id ?? headers.get("X-Request-Id") ?? "",
    retryAfter: parseRetryAfter(headers.get("Retry-After")),
  });
}

/**
 * The error for a connection that failed or broke off.
 *
 * @param {unknown} cause an error, or a message
 */
export function unreachable(cause) {
  const message = cause instanceof Error ? cause.message : String(cause);
  return Object.assign(new Unreachable(message, { code: "unreachable" }), { cause });
}

/**
 * Parse Retry-After, which is seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 *
 * @param {string | null} retryAfter
 */
function parseRetryAfter(retryAfter) {
  if (retryAfter === null) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const moment = Date.parse(retryAfter);
  return Number.isNaN(moment) ? null : Math.max(0, (moment - Date.now()) / 1000);
}
