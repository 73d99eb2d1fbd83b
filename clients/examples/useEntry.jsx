import { useEffect, useState } from "react";

/**
 * An entry as it comes into being: `{ entry, error }`, anew after each change.
 *
 *     const samo = new Samo(address, { token });
 *
 *     function Insight({ id }) {
 *       const { entry, error } = useEntry(samo, id);
 *       if (error) return <p role="alert">{error.detail}</p>;
 *       return <p>{entry?.insight.summary?.text ?? "…"}</p>;
 *     }
 */
export function useEntry(samo, id) {
  const [state, setState] = useState({ entry: null, error: null });

  useEffect(() => {
    const gone = new AbortController();
    setState({ entry: null, error: null });
    (async () => {
      for await (const entry of samo.entries.follow(id, { signal: gone.signal })) setState({ entry, error: null });
    })().catch((error) => gone.signal.aborted || setState((last) => ({ ...last, error })));
    return () => gone.abort();
  }, [samo, id]);

  return state;
}
