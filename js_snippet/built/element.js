let H=e=>({element:e.localName,element_id:z(e,"id"),element_classes:z(e,"class")});
