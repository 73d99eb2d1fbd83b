/** Globals of the service worker and the audio worklet, for the type checker alone. */

/** Prepended to service-worker.js by the server. */
declare const VERSION: string;
declare const SHELL: string[];

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
