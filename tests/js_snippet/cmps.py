"""Stand-ins for consent platforms: of each what its documentation says a page may call or hear.

`choose(analytics, ads)` is the visitor's answer; a stand-in that is made with `CHOSEN` has one when
it is loaded, from a visit before.
"""

from __future__ import annotations

CHOICE = "[true, false]"
"""Analytics and ads, as the visit before left them."""

STAND_INS = {
    "tcf": """
      const listeners = [], data = (eventStatus) => ({
        cmpId: 31, tcfPolicyVersion: 5, tcString: 'CQxyz.abc', gdprApplies: true, eventStatus,
        purpose: {consents: chosen
          ? {1: true, 3: chosen[1], 4: true, 7: chosen[1], 8: chosen[0]} : {}},
        vendor: {consents: {1: true, 755: chosen && chosen[2]}},
      });
      const tell = () => listeners.forEach((use) => use(data('useractioncomplete'), true));
      window.__tcfapi = (command, version, use) => {
        if (command != 'addEventListener' || version != 2) return use(null, false);
        listeners.push(use);
        setTimeout(use, 0, data(chosen ? 'tcloaded' : 'cmpuishown'), true);
      };""",
    "didomi": """
      const ids = {cookies: 2, measure_ad_performance: 1, create_ads_profile: 1,
        select_personalized_ads: 1, measure_content_performance: 0};
      const answer = (kind) => kind == 2 || !!chosen && chosen[kind];
      window.Didomi = {
        isUserConsentStatusPartial: () => !chosen,
        getCurrentUserStatus: () => ({purposes: Object.fromEntries(
          Object.entries(ids).map(([id, kind]) => [id, {id, enabled: answer(kind)}]))}),
      };
      const tell = () => window.didomiEventListeners.forEach(
        ({event, listener}) => event == 'consent.changed' && listener());
      once('didomiOnReady', (list) => list.forEach((use) => use(window.Didomi)));""",
    "onetrust": """
      const listeners = [], groups = () => {
        const [analytics, ads] = chosen || [];
        window.OnetrustActiveGroups =
          ',C0001,' + (analytics ? 'C0002,' : '') + (ads ? 'C0004,' : '');
      };
      groups();
      window.OneTrust = {
        IsAlertBoxClosed: () => !!chosen,
        OnConsentChanged: (use) => listeners.push(use),
      };
      const tell = () => { groups(); listeners.forEach((use) => use()) };""",
    "axeptio": """
      const listeners = [], choices = () => ({
        google_analytics: chosen[0], google_ads: chosen[1], $$completed: true,
      });
      const tell = () => listeners.forEach((use) => use(choices()));
      once('_axcb', (list) => list.forEach((use) => use({
        on: (type, heard) => {
          if (type == 'cookies:complete') { listeners.push(heard); if (chosen) heard(choices()) }
        },
      })));""",
    "cookiebot": """
      window.Cookiebot = {
        get hasResponse() { return !!chosen },
        get consent() {
          return {necessary: true, statistics: !!chosen?.[0], marketing: !!chosen?.[1]};
        },
      };
      const tell = () => window.dispatchEvent(
        new Event(chosen[0] || chosen[1] ? 'CookiebotOnAccept' : 'CookiebotOnDecline'));""",
    "usercentrics": """
      const state = (yes) => ({state: yes ? 'ALL_ACCEPTED' : 'ALL_DENIED'});
      window.__ucCmp = {
        isConsentRequired: async () => !chosen,
        getConsentDetails: async () => ({categories: {
          essential: state(true), functional: state(chosen[0]), marketing: state(chosen[1])}}),
      };
      const tell = () => window.dispatchEvent(new CustomEvent('UC_CONSENT'));
      window.dispatchEvent(new Event('UC_UI_INITIALIZED'));""",
    "usercentrics 2": """
      const service = (categorySlug, status) => ({categorySlug, consent: {status}});
      window.UC_UI = {
        isConsentRequired: () => !chosen,
        getServicesBaseInfo: () => [service('essential', true), service('functional', chosen[0]),
          service('marketing', true), service('marketing', chosen[1])],
      };
      const tell = () => window.dispatchEvent(
        new CustomEvent('UC_UI_CMP_EVENT', {detail: {type: 'SAVE'}}));""",
    "trustcommander": """
      const listeners = [], word = (yes) => ({status: yes ? 'on' : 'off'});
      const result = () => ({consent: chosen
        ? {status: 'mixed', categories: {2: word(chosen[0]), 5: word(chosen[1])}}
        : {status: 'unset', categories: {}}});
      window.cact = (name, use) => {
        if (name == 'consent.get') setTimeout(() => use(result()), 0);
        if (name == 'consent.onUpdate') listeners.push(use);
      };
      const tell = () => listeners.forEach((use) => use(result()));""",
    "tarteaucitron": """
      window.tarteaucitron = {state: {}};
      const set = () => Object.assign(window.tarteaucitron.state,
        {gcmanalyticsstorage: chosen[0], gcmadstorage: chosen[1], gcmadsuserdata: chosen[1]});
      if (chosen) set();
      const tell = () => { set(); document.dispatchEvent(new Event('tac.consent_updated')) };""",
    "klaro": """
      const watchers = [], manager = {
        config: {services: [
          {name: 'own', purposes: ['analytics']}, {name: 'fb', purposes: ['marketing']}]},
        consents: chosen ? {own: chosen[0], fb: chosen[1]} : {own: true, fb: true},
        confirmed: !!chosen,
        watch: (watcher) => watchers.push(watcher),
      };
      window.klaro = {getManager: () => manager};
      const tell = () => {
        manager.consents = {own: chosen[0], fb: chosen[1]};
        watchers.forEach((each) => each.update(manager, 'consents', manager.consents));
        manager.confirmed = true;
        watchers.forEach((each) => each.update(manager, 'saveConsents', {}));
      };""",
}


def stand_in(name: str, chosen: str = "null") -> str:
    """The platform as a script element; `chosen` is what it knows from before."""
    return f"""<script>{{
      let chosen = {chosen}, ready = Promise.resolve();
      const once = (name, use) => {{
        ready = new Promise((done) => {{
          const look = () => window[name] ? done(use(window[name])) : setTimeout(look, 5);
          look();
        }});
      }};
      {STAND_INS[name]}
      window.choose = async (...answer) => {{
        await ready;
        chosen = answer;
        tell();
        await new Promise((done) => setTimeout(done));
      }};
    }}</script>"""
