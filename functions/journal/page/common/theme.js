/** Applies the light or dark theme before anything is drawn: a classic script, so that the page does not flash. */

(() => {
  const STORAGE_KEY = "samo.theme";
  const BACKGROUND = { light: "#f6f2ea", dark: "#181512" };

  /** @param {string} theme */
  function apply(theme) {
    const { dataset } = document.documentElement;
    if (theme === "light" || theme === "dark") dataset.theme = theme;
    else delete dataset.theme;
    const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", BACKGROUND[dark ? "dark" : "light"]);
  }

  function get() {
    try {
      return localStorage.getItem(STORAGE_KEY) ?? "auto";
    } catch {
      return "auto";
    }
  }

  globalThis.samoTheme = {
    get,
    set(theme) {
      localStorage.setItem(STORAGE_KEY, theme);
      apply(theme);
    },
  };
  apply(get());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(get()));
})();
