/** Globals of the page, for the type checker alone. */

declare var samoTheme: { get(): string; set(theme: string): void };
