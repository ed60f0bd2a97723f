package diff

import (
	"reflect"

	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// narrow leaves only those Ingresses in the inputs that may have to do with the changes: those that changed objects come from,
// those that the two inputs say differently, and all that share a host with one of these. Objects that do not say what they
// come from are then explained by what explains the others.
func (x *explanation) narrow() {
	keep := map[snapshot.Key]bool{}
	for _, c := range x.changes {
		for _, o := range c.Origins {
			if o.Object != nil && o.Object.Kind == "Ingress" {
				keep[snapshot.Key{Namespace: o.Object.Namespace, Name: o.Object.Name}] = true
			}
		}
	}
	if x.Before != nil {
		before := byName(x.Before)
		for key, in := range byName(x.Snapshot) {
			if old := before[key]; old == nil || !reflect.DeepEqual(old.Annotations, in.Annotations) || !reflect.DeepEqual(old.Spec, in.Spec) {
				keep[key] = true
			}
			delete(before, key)
		}
		for key := range before {
			keep[key] = true
		}
	}
	hosts := map[string]bool{}
	for _, s := range [...]*snapshot.Snapshot{x.Snapshot, x.Before} {
		for key, in := range byName(s) {
			if keep[key] {
				for _, r := range in.Spec.Rules {
					hosts[r.Host] = true
				}
			}
		}
	}
	x.Snapshot, x.Before = only(x.Snapshot, keep, hosts), only(x.Before, keep, hosts)
}

func keyOf(in *snapshot.Ingress) snapshot.Key {
	return snapshot.Key{Namespace: in.Namespace, Name: in.Name}
}

func byName(s *snapshot.Snapshot) map[snapshot.Key]*snapshot.Ingress {
	if s == nil {
		return nil
	}
	out := make(map[snapshot.Key]*snapshot.Ingress, len(s.Ingresses))
	for _, in := range s.Ingresses {
		out[keyOf(in)] = in
	}
	return out
}

// only is a snapshot with some of the Ingresses.
func only(s *snapshot.Snapshot, keep map[snapshot.Key]bool, hosts map[string]bool) *snapshot.Snapshot {
	if s == nil {
		return nil
	}
	out := *s
	out.Ingresses = nil
	for _, in := range s.Ingresses {
		wanted := keep[keyOf(in)]
		for _, r := range in.Spec.Rules {
			wanted = wanted || hosts[r.Host]
		}
		if wanted {
			out.Ingresses = append(out.Ingresses, in)
		}
	}
	return &out
}
