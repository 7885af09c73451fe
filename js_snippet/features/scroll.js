/** How far down a page was scrolled: `scroll` at four depths, each once a page view. */
const DEPTHS = [25, 50, 75, 90];

starts.push(() => {
  let left, ofPage, planned;
  const measure = () => {
    planned = 0;
    if (ofPage != page?.id) [left, ofPage] = [[...DEPTHS], page?.id];
    const deepest = (scrollY + innerHeight) / document.documentElement.scrollHeight * 100;
    while (left[0] <= deepest + 0.5) call('event', 'scroll', { percent_scrolled: left.shift() });
  };
  // After the frame that the scrolling makes: then nothing has to be laid out for us.
  addEventListener('scroll', () => {
    planned = planned || requestAnimationFrame(() => setTimeout(measure));
  }, { passive: true });
});
