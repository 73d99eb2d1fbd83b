/** Light or dark, before anything is drawn: a classic script, so that no page flashes. */

(() => {
  const KEPT_AS = "samo.theme";
  const PAPER = { light: "#f6f2ea", dark: "#181512" };

  function show(theme) {
    const { dataset } = document.documentElement;
    if (theme === "light" || theme === "dark") dataset.theme = theme;
    else delete dataset.theme;
    const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", PAPER[dark ? "dark" : "light"]);
  }

  function read() {
    try {
      return localStorage.getItem(KEPT_AS) ?? "auto";
    } catch {
      return "auto";
    }
  }

  globalThis.samoTheme = {
    get: read,
    set(theme) {
      localStorage.setItem(KEPT_AS, theme);
      show(theme);
    },
  };
  show(read());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(read()));
})();
