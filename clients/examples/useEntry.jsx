import { useEffect, useState } from "react";

/**
 * An entry while it is being processed: `{ entry, error }`, updated after each change.
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
    const unmounted = new AbortController();
    const { signal } = unmounted;
    const follow = async () => {
      for await (const entry of samo.entries.follow(id, { signal })) setState({ entry, error: null });
    };
    setState({ entry: null, error: null });
    follow().catch((error) => signal.aborted || setState((last) => ({ ...last, error })));
    return () => unmounted.abort();
  }, [samo, id]);

  return state;
}
