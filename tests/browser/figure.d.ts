// What the tests read off a figure in a page.
interface HTMLElement {
  state: Record<string, any>;
  result: any;
}
interface Element {
  innerText: string;
}
