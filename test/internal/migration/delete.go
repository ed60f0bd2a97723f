package migration

import "time"

// deleteAll deletes Ingresses that are live: what serves them stays, until somebody says otherwise; or goes at once, if that is the
// Migration's policy.
func (s *suite) deleteAll() error {
	keep := []*Probe{s.leaving["keep, from the office"], s.leaving["keep, from elsewhere"]}
	prune := []*Probe{s.leaving["prune, with password"], s.leaving["prune, without"]}
	s.say("delete, keep")
	if err := s.kube.Delete(s.ctx, "ingresses", "shop", "keep"); err != nil {
		return err
	}
	if err := s.until("the deletion is noticed", func() (string, error) {
		states, err := s.kube.States(s.ctx)
		for _, x := range states {
			if x.Name == "keep" && x.Reason == "SourceGone" {
				return "", err
			}
		}
		return "not noticed", err
	}); err != nil {
		return err
	}
	time.Sleep(afterwards)
	if err := s.served(keep); err != nil {
		return err
	}
	s.tell("a live Ingress was deleted: its host is served as before")
	s.say("delete, IngressTranslation")
	if err := s.gone(keep, func() error { return s.kube.Delete(s.ctx, "ingresstranslations", "shop", "keep") }); err != nil {
		return err
	}
	s.tell("its IngressTranslation was deleted: its host is gone")
	s.say("delete, prune")
	if err := s.kube.Patch(s.ctx, "migrations", "", "nginx", map[string]any{"spec": map[string]any{"onIngressDelete": "prune"}}); err != nil {
		return err
	}
	if err := s.gone(prune, func() error { return s.kube.Delete(s.ctx, "ingresses", "shop", "prune") }); err != nil {
		return err
	}
	s.tell("a live Ingress was deleted with onIngressDelete: prune: its host is gone")
	return nil
}

// gone waits until a host is no longer served, and a little longer.
func (s *suite) gone(probes []*Probe, remove func() error) error {
	for _, p := range probes {
		p.expect("404")
	}
	if err := remove(); err != nil {
		return err
	}
	if err := s.served(probes); err != nil {
		return err
	}
	time.Sleep(afterwards)
	return s.until("every Ingress is ready", func() (string, error) { return s.unready("") })
}
