declare module 'virtual:core-thread' {
  const text: string;
  export default text;
}
declare module '*/modules.json' {
  const modules: import('./make-core.js').Modules;
  export default modules;
}
declare module '*/glue.mjs' {
  const createCore: (options: object) => Promise<any>;
  export default createCore;
}
