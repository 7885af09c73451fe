/** Klaro: its services by name or purpose; moving a switch is no answer before it is saved. */
starts.push(() => {
  find(() => window.klaro?.getManager(), (manager) => {
    const read = () => {
      const { consents, config } = manager;
      const services = config.services || config.apps;
      declare('klaro', (id) => {
        const own = services.filter((s) => s.name == id || s.purposes?.includes(id));
        return own[0] && own.every((service) => consents[service.name]);
      }, { analytics: ANALYTICS, advertising: ADS, marketing: ADS });
    };
    manager.watch({ update: (_, what) => what == 'saveConsents' && read() });
    if (manager.confirmed) read();
  });
});
