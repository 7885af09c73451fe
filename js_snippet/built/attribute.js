let X=(e,i)=>e.getAttribute(i)||void 0;
