/** The files that GA4 counts as downloads. */
const FILE = /\.(pdf|xlsx?|docx?|txt|rtf|csv|exe|key|pp(s|tx?)|7z|pkg|rar|gz|zip|avi|mov|mp[34]|mpe?g|wm[av]|midi?|wav)$/i;

/** Clicks on links to files: `file_download`, and then not an outbound click too. */
counters.unshift(({ pathname }, props) => {
  const [, extension] = FILE.exec(pathname) || [];
  if (!extension) return false;
  call('event', 'file_download', {
    file_name: pathname,
    file_extension: extension.toLowerCase(),
    ...props,
  });
  return true;
});
