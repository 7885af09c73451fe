let J=e=>({element:e.localName,element_id:X(e,"id"),element_classes:X(e,"class")});
