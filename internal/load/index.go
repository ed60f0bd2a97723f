package load

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// id names an object of the snapshot.
type id struct{ kind, namespace, name string }

// version tells how new a definition of an object is. What a definition does not state counts as older than anything.
type version struct{ resource, generation, created int64 }

// definition is an object as one document defines it.
type definition struct {
	version version
	object  *finding.Object
	value   any // a pointer to one of the snapshot's types
}

// entry holds the definitions of one object: nearly always one.
type entry struct {
	definition
	others []definition
}

func versionOf(m *metav1.ObjectMeta) version {
	v := version{resource: -1, generation: m.Generation, created: m.CreationTimestamp.Unix()}
	if i, err := strconv.ParseInt(m.ResourceVersion, 10, 64); err == nil {
		v.resource = i
	}
	return v
}

func (r *reader) add(d definition) {
	key := id{d.object.Kind, d.object.Namespace, d.object.Name}
	e := r.index[key]
	if e == nil {
		r.index[key] = &entry{definition: d}
		return
	}
	// The same content again is no second definition, only perhaps a better witness of the first.
	content := contentOf(d.value)
	if contentOf(e.value) == content {
		e.definition = better(e.definition, d)
		return
	}
	for i := range e.others {
		if contentOf(e.others[i].value) == content {
			e.others[i] = better(e.others[i], d)
			return
		}
	}
	e.others = append(e.others, d)
}

// better is the newer of two definitions with the same content; of equally new ones the one that stands first.
func better(a, b definition) definition {
	if compareVersions(b, a) < 0 || (compareVersions(a, b) == 0 && comparePlaces(b, a) < 0) {
		return b
	}
	return a
}

// compareVersions puts newer definitions first.
func compareVersions(a, b definition) int {
	return cmp.Or(
		-cmp.Compare(a.version.resource, b.version.resource), -cmp.Compare(a.version.generation, b.version.generation),
		-cmp.Compare(a.version.created, b.version.created),
	)
}

func comparePlaces(a, b definition) int {
	return cmp.Or(cmp.Compare(a.object.File, b.object.File), cmp.Compare(a.object.Line, b.object.Line))
}

// adopt takes up what the snapshot already holds, so that what is read now is compared with it.
func (r *reader) adopt() {
	s := r.snapshot
	for _, v := range s.Ingresses {
		r.add(definition{versionOf(&v.ObjectMeta), v.Object, v})
	}
	for _, v := range s.Gateways {
		r.add(definition{object: v.Object, value: v})
	}
	for _, v := range s.DestinationRules {
		r.add(definition{object: v.Object, value: v})
	}
	for _, v := range s.Classes {
		r.add(definition{object: v.Object, value: v})
	}
	for _, v := range s.Services {
		r.add(definition{object: v.Object, value: v})
	}
	for _, v := range s.Secrets {
		r.add(definition{object: v.Object, value: v})
	}
	for _, v := range s.ConfigMaps {
		r.add(definition{object: v.Object, value: v})
	}
	s.Ingresses, s.Gateways, s.DestinationRules = nil, nil, nil
}

// finish puts the objects into the snapshot, one definition of each.
func (r *reader) finish() {
	r.reportPassedOver()
	s := r.snapshot
	ingresses := 0
	for key := range r.index {
		if key.kind == "Ingress" {
			ingresses++
		}
	}
	s.Ingresses = make([]*snapshot.Ingress, 0, ingresses)
	for _, e := range r.index {
		d := e.definition
		if len(e.others) > 0 {
			d = r.choose(append(e.others, d))
		}
		switch v := d.value.(type) {
		case *snapshot.Ingress:
			s.Ingresses = append(s.Ingresses, v)
		case *snapshot.Gateway:
			s.Gateways = append(s.Gateways, v)
		case *snapshot.DestinationRule:
			s.DestinationRules = append(s.DestinationRules, v)
		case *snapshot.Class:
			s.Classes[v.Name] = v
		case *snapshot.Service:
			s.Services[v.Key] = v
		case *snapshot.Secret:
			s.Secrets[v.Key] = v
		case *snapshot.ConfigMap:
			s.ConfigMaps[v.Key] = v
		}
	}
	s.Read = len(s.Ingresses) + s.Failed
	s.Normalise()
	s.Findings.Sorted()
	r.index, r.strings = nil, nil
}

// choose settles which of several definitions of one object is used: the newest, by a rule that does not depend on the
// order in which they were read. The others are reported.
func (r *reader) choose(all []definition) definition {
	contents := make(map[*finding.Object]string, len(all))
	for _, d := range all {
		contents[d.object] = contentOf(d.value)
	}
	slices.SortFunc(all, func(a, b definition) int {
		return cmp.Or(compareVersions(a, b), -cmp.Compare(contents[a.object], contents[b.object]), comparePlaces(a, b))
	})
	used := all[0]
	if r.trusted { // it changed while the cluster was read
		return used
	}
	for _, d := range all[1:] {
		r.snapshot.Findings.Report(finding.DuplicateObject, finding.Origin{Object: d.object}, finding.Origin{Object: used.object}.Place())
		if d.object.Kind == "Ingress" {
			r.snapshot.Failed++
		}
	}
	return used
}

// contentOf is what a translation sees of an object, without where it stands and how new it is.
func contentOf(value any) string {
	switch v := value.(type) {
	case *snapshot.Ingress:
		annotations := make(map[string]string, len(v.Annotations))
		for k, a := range v.Annotations {
			if k != corev1.LastAppliedConfigAnnotation {
				annotations[k] = a
			}
		}
		return canonical([]any{v.Labels, annotations, v.Spec})
	case *snapshot.Gateway:
		c := *v
		c.Object = nil
		return canonical(c)
	case *snapshot.DestinationRule:
		c := *v
		c.Object = nil
		return canonical(c)
	case *snapshot.Class:
		return canonical([]any{v.Controller, v.Default})
	case *snapshot.Service:
		c := *v
		c.Object = nil
		return canonical(c)
	case *snapshot.Secret:
		return canonical([]any{v.Type, v.Data})
	case *snapshot.ConfigMap:
		return canonical(v.Data)
	}
	return ""
}

// canonical is JSON, whose maps are written in the order of their keys.
func canonical(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
