/** Every drawing of this folder, as one part that comes after the page: import('../charts/charts.js'). The table is no drawing; it comes with the page. */
export { barsChart } from './bars.js';
export { lineChart } from './lines.js';
export { rooflineChart } from './roofline.js';
export { stackChart } from './stack.js';
export { treemapChart } from './treemap.js';
