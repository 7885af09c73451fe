/** What an element says, cut. */
const words = (node) => node.textContent.replace(/\s+/g, ' ').trim().slice(0, 100);
