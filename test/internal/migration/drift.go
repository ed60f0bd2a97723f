package migration

import (
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// outage is what clients noticed of what somebody broke.
type outage struct {
	times   int
	lost    int           // requests
	longest time.Duration // from the first wrong answer of a client to its last
}

// driftAll deletes every object that the operator has applied to the gateway, and breaks some of them. What is protected may be closed
// until it is repaired, and is never open.
func (s *suite) driftAll() error {
	for _, kind := range applied {
		list, err := s.kube.List(s.ctx, kind, "ingress2gw.io/edge=live")
		if err != nil {
			return err
		}
		sum := outage{}
		for i := range list {
			if err := s.broken(&sum, false, "delete "+kind+" "+list[i].GetName(), func() error {
				return s.kube.Delete(s.ctx, kind, list[i].GetNamespace(), list[i].GetName())
			}); err != nil {
				return err
			}
		}
		s.tell("deleted %d %s, repaired each: %d requests lost, %d ms at most", sum.times, kind, sum.lost, sum.longest.Milliseconds())
		s.faulted += sum.times
		sum = outage{}
		for i := range list {
			spec := spoil(kind, &list[i])
			if spec == nil {
				continue
			}
			if err := s.broken(&sum, list[i].GetName() == announcing, "spoil "+kind+" "+list[i].GetName(), func() error {
				return s.kube.Patch(s.ctx, kind, list[i].GetNamespace(), list[i].GetName(), map[string]any{"spec": spec})
			}); err != nil {
				return err
			}
		}
		if sum.times > 0 {
			s.tell("took half of %d %s, repaired each: %d requests lost, %d ms at most", sum.times, kind, sum.lost, sum.longest.Milliseconds())
			s.faulted += sum.times
		}
	}
	return nil
}

// announcing is the EnvoyFilter with the access filters and with what tells routes that they are there. Who takes half of it leaves the
// word and takes the filters.
const announcing = "i2g-access"

// spoil takes half of an object away; nil if it has no halves.
func spoil(kind string, o *unstructured.Unstructured) map[string]any {
	field := map[string]string{"envoyfilters": "configPatches", "virtualservices": "http"}[kind]
	list, _, _ := unstructured.NestedSlice(o.Object, "spec", field)
	if field == "" || len(list) < 2 {
		return nil
	}
	return map[string]any{field: list[:len(list)/2]}
}

// broken has somebody break something, and waits until it is repaired.
func (s *suite) broken(sum *outage, exposed bool, what string, breaking func() error) error {
	s.say("%s", what)
	lost := s.counts().Lost
	for _, p := range s.Probes {
		p.disturb(true, exposed)
		p.again()
	}
	before := s.rig.OperatorSaid(repaired)
	if err := breaking(); err != nil {
		return err
	}
	if err := s.until(what+" is repaired", func() (string, error) {
		if s.rig.OperatorSaid(repaired) > before {
			return "", nil
		}
		return "not repaired", nil
	}); err != nil {
		return err
	}
	for _, p := range s.Probes {
		p.again()
	}
	if err := s.served(s.Probes); err != nil {
		return err
	}
	for _, p := range s.Probes {
		sum.longest = max(sum.longest, p.disturb(false, false))
	}
	sum.times++
	sum.lost += s.counts().Lost - lost
	return nil
}
