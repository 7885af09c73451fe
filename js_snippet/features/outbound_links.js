/** Clicks on links to another host, as GA4 counts them: the event `click`. */
counters.push(({ host, hostname: link_domain }, props) => {
  if (host != location.host) call('event', 'click', { outbound: true, link_domain, ...props });
});
