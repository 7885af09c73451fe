/** An attribute as it was written: a form's property of that name may be one of its fields. */
const attribute = (node, name) => node.getAttribute(name) || undefined;
