package migration

import (
	"fmt"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// kills are how long after the first annotation the operator dies: while it collects changes, while it applies what routes need, while it
// waits for the gateway to hear of that, and after that.
var kills = []time.Duration{30 * time.Millisecond, 400 * time.Millisecond, 900 * time.Millisecond, 1500 * time.Millisecond}

// killAll changes phases to and fro, and kills the operator in the middle of each change. What comes of it is the same as without.
func (s *suite) killAll() error {
	if err := s.move("live"); err != nil {
		return err
	}
	before, err := s.objects()
	if err != nil {
		return err
	}
	for i, after := range kills {
		phase := "preview"
		if i%2 == 1 {
			phase = "live"
		}
		if err := s.killed(phase, after); err != nil {
			return err
		}
	}
	left, err := s.objects()
	if err != nil {
		return err
	}
	if before != left {
		return fmt.Errorf("what is applied differs from what was:\n%s\n\n%s", before, left)
	}
	s.faulted += len(kills)
	s.tell("killed %d times in the middle of a change of phase; what is applied in the end is the same", len(kills))
	return nil
}

// killed changes the phase, and kills and restarts the operator meanwhile.
func (s *suite) killed(phase string, after time.Duration) error {
	was := s.phase
	s.say("%s to %s, killed after %s", was, phase, after)
	begin := time.Now()
	if !public(phase) {
		s.records.move(false, s.users)
		time.Sleep(patienceOfDNS)
	}
	probes := s.aim(phase)
	if err := s.annotate(phase); err != nil {
		return err
	}
	time.Sleep(time.Until(begin.Add(after)))
	s.rig.KillOperator()
	if err := s.rig.StartOperator(); err != nil {
		return err
	}
	s.phase = phase
	return s.finish(was, begin, probes)
}

// applied are the kinds of what the operator applies.
var applied = []string{"secrets", "envoyfilters", "destinationrules", "gateways", "virtualservices"}

// objects is what the operator has applied to the gateway, without what the API server adds.
func (s *suite) objects() (string, error) {
	var b strings.Builder
	for _, kind := range applied {
		list, err := s.kube.List(s.ctx, kind, "ingress2gw.io/edge=live")
		if err != nil {
			return "", err
		}
		for i := range list {
			o := list[i].Object
			o["metadata"] = map[string]any{
				"namespace": list[i].GetNamespace(), "name": list[i].GetName(), "labels": list[i].GetLabels(), "annotations": list[i].GetAnnotations(),
			}
			text, err := yaml.Marshal(o)
			if err != nil {
				return "", err
			}
			b.WriteString("---\n" + string(text))
		}
	}
	return b.String(), nil
}
