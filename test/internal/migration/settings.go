package migration

import "time"

// settingsAll changes what holds for all hosts, while some are live and others released: those stay as they are.
func (s *suite) settingsAll() error {
	if err := s.move("released"); err != nil {
		return err
	}
	for _, size := range []any{"3m", nil} {
		if err := s.configure(size); err != nil {
			return err
		}
	}
	s.tell("changed the controller's ConfigMap twice while three hosts were released")
	return s.move("live")
}

func (s *suite) configure(size any) error {
	s.say("the ConfigMap says proxy-body-size %v", size)
	applied := s.rig.OperatorSaid(applies)
	if err := s.kube.Patch(s.ctx, "configmaps", "ingress-nginx", "ingress-nginx-controller", map[string]any{"data": map[string]any{"proxy-body-size": size}}); err != nil {
		return err
	}
	if err := s.until("the change is applied", func() (string, error) {
		if s.rig.OperatorSaid(applies) > applied {
			return "", nil
		}
		return "nothing was", nil
	}); err != nil {
		return err
	}
	time.Sleep(4 * afterwards)
	return s.until("every Ingress is ready", func() (string, error) { return s.unready("") })
}
