// Modules that exist only while the page is built.
declare module 'virtual:guide' {
  export const sections: unknown
}
