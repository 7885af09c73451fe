/**
 * What the page declared for its visitor; a purpose that it did not speak of is absent.
 * @type {{source: string, version: string, purposes: Object<string, 'granted'|'denied'|'unset'>}}
 */
let consent = { source: '', version: '', purposes: { analytics_storage: 'unset' } };

/** The purposes as the server knows them: of the last hit that took the consent of its moment. */
let told;

/**
 * Whether a cookie may be set, and so anything be kept on the device, now or as declared earlier.
 * @returns {0|1} what goes out as `?c=`
 */
function allowed({ purposes } = consent) {
  return config.cookie[purposes.analytics_storage] || 0;
}
