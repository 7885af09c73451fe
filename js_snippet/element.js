/** What an element is, in GA4's words for links. */
const described = (node) => ({
  element: node.localName,
  element_id: attribute(node, 'id'),
  element_classes: attribute(node, 'class'),
});
