/** Videos of the page's own: `video_start`, `video_progress` at four places, `video_complete`. */
starts.push(() => {
  const seen = new WeakMap();
  const tell = (video, name, video_percent) => {
    const url = new URL(video.currentSrc, location.href);
    call('event', name, {
      video_title: video.title || video.getAttribute('aria-label') || undefined,
      video_url: /^http/.test(url.protocol) ? url.origin + url.pathname : undefined,
      video_provider: 'html5',
      video_duration: Math.round(video.duration),
      video_current_time: Math.round(video.currentTime),
      video_percent,
    });
  };
  // The events of media do not bubble, but are seen on their way down.
  on('playing timeupdate ended', ({ target: video, type }) => {
    if (video.localName != 'video' || !(video.duration < 1 / 0)) return;
    let state = seen.get(video);
    if (state?.source != video.currentSrc) {
      if (type != 'playing') return;
      seen.set(video, (state = { source: video.currentSrc, left: [10, 25, 50, 75] }));
      tell(video, 'video_start', 0);
    }
    const percent = video.currentTime / video.duration * 100;
    while (state.left[0] <= percent) tell(video, 'video_progress', state.left.shift());
    if (type == 'ended') {
      seen.delete(video);
      tell(video, 'video_complete', 100);
    }
  });
});
