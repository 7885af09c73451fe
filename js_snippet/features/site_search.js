/** The site's own search: `view_search_results` after the page view of a page that shows some. */
{
  const { page } = commands;
  const keys = config.site_search || ['q', 's', 'search', 'query', 'keyword'];
  commands.page = (at, ...rest) => {
    page(at, ...rest);
    const query = new URLSearchParams(location.search);
    const search_term = keys.map((key) => query.get(key)).find((text) => text)?.slice(0, 100);
    if (search_term) commands.event(at, 'view_search_results', { search_term });
  };
}
