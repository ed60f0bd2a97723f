package migration

import "time"

// swaps are changes of certificates by which hosts leave one TLS server for another: which certificate each host gets then.
func swaps() []map[string]string {
	return []map[string]string{
		{"a": "right", "b": "left", "c": "left"},   // two exchange theirs
		{"a": "left", "b": "right", "c": "left"},   // and back
		{"a": "right", "b": "right", "c": "right"}, // all of one server move to the other
		{"a": "right", "b": "left", "c": "left"},   // some leave it for one that was not there
		{"a": "left", "b": "right", "c": "right"},  // both servers exchange all they have
		{"a": "left", "b": "right", "c": "left"},
	}
}

// swapAll changes certificates of live hosts. No two servers may have one, so it is nobody's for a moment; nobody must notice.
func (s *suite) swapAll() error {
	was := map[string]string{"a": "left", "b": "right", "c": "left"}
	for _, certs := range swaps() {
		s.say("swap: from %v to %v", was, certs)
		begin, applied := time.Now(), s.rig.OperatorSaid(applies)
		var probes []*Probe
		for host, p := range s.swap {
			p.expect("200 shop/web / by " + certs[host])
			probes = append(probes, p)
		}
		section := func(host string) map[string]any {
			return map[string]any{"hosts": []any{host + ".swap.test"}, "secretName": certs[host] + "-tls"}
		}
		if certs["c"] != was["c"] {
			if err := s.kube.Patch(s.ctx, "ingresses", "shop", "swap-beside", map[string]any{"spec": map[string]any{"tls": []any{section("c")}}}); err != nil {
				return err
			}
		}
		if err := s.kube.Patch(s.ctx, "ingresses", "shop", "swap", map[string]any{"spec": map[string]any{"tls": []any{section("a"), section("b")}}}); err != nil {
			return err
		}
		if err := s.served(probes); err != nil {
			return err
		}
		took := time.Since(begin)
		if err := s.until("the change is applied", func() (string, error) {
			if s.rig.OperatorSaid(applies) > applied {
				return "", nil
			}
			return "nothing was", nil
		}); err != nil {
			return err
		}
		if err := s.until("every Ingress is ready", func() (string, error) { return s.unready("") }); err != nil {
			return err
		}
		if err := s.served(probes); err != nil {
			return err
		}
		time.Sleep(afterwards)
		s.tell("certificates from %v to %v: %.1f s", was, certs, took.Seconds())
		was = certs
	}
	return nil
}
