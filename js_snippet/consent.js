/** What the container's hits are stored under; whether `analytics_storage` allows a cookie. */
const { key: prefix, cookie } = config;

/**
 * What the page declared for its visitor; a purpose that it did not speak of is absent.
 * @type {{source?: string, version?: string, purposes: Object<string, 'granted'|'denied'|'unset'>}}
 */
let consent = { purposes: { analytics_storage: 'unset' } };

/** Hits stay: 1 until the page is left, 2 even then. */
let held = 0;

/** What `?c=` says of a refusal: 2 when a cookie was allowed on this page before, and is to go. */
let refused = 0,
  /** The purposes as the server knows them: of the last hit that took the consent of its moment. */
  told;

/**
 * Whether a cookie may be set, and so anything be kept on the device, now or as declared earlier.
 * @returns {0|1|string} what goes out as `?c=`
 */
const allowed = ({ purposes } = consent) => {
  return cookie[purposes.analytics_storage] || 0;
};
