package diff

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// candidates are the edits worth trying. With an input to compare with, what differs between the two; else every annotation and
// setting that was translated to anything, and every Ingress that is not known to have made an object.
func (x *explanation) candidates() []group {
	if x.Before != nil {
		return grouped(append(x.differing(), x.differingSettings()...))
	}
	return grouped(append(x.effective(), x.wholeIngresses()...))
}

// grouped brings edits of the same field together, groups in order.
func grouped(edits []edit) []group {
	byField := map[string]int{}
	var out []group
	for _, e := range edits {
		key := e.origin.Object.Kind + "\x00" + e.origin.Field
		if e.origin.Field == "" {
			key += e.origin.Object.Ref() // whole objects have nothing in common
		}
		i, known := byField[key]
		if !known {
			i = len(out)
			byField[key] = i
			out = append(out, group{field: e.origin.Field})
		}
		out[i].edits = append(out[i].edits, e)
	}
	slices.SortStableFunc(out, func(a, b group) int { return strings.Compare(a.field, b.field) })
	return out
}

// effective are edits that take away annotations and settings, each of which did something by what the findings say.
func (x *explanation) effective() []edit {
	type value struct {
		object *finding.Object
		field  string
	}
	seen := map[value]bool{}
	involved := x.involved()
	ingresses := make(map[*finding.Object]*snapshot.Ingress, len(x.Snapshot.Ingresses))
	for _, in := range x.Snapshot.Ingresses {
		if involved == nil || involved[in.Object] {
			ingresses[in.Object] = in
		}
	}
	var out []edit
	for _, f := range x.Findings {
		v := value{f.Origin.Object, f.Origin.Field}
		switch f.Class {
		case finding.Noop, finding.Unknown, "":
			continue
		}
		if v.object == nil || v.field == "" || seen[v] {
			continue
		}
		seen[v] = true
		switch v.object.Kind {
		case "Ingress":
			if in := ingresses[v.object]; in != nil {
				if _, there := in.Annotations[v.field]; there {
					out = append(out, edit{f.Origin, func(s *snapshot.Snapshot) { setAnnotation(s, v.object, v.field, nil) }})
				}
			}
		case "ConfigMap":
			key := snapshot.Key{Namespace: v.object.Namespace, Name: v.object.Name}
			if c := x.Snapshot.ConfigMaps[key]; c != nil && c.Object == v.object {
				out = append(out, edit{f.Origin, func(s *snapshot.Snapshot) { setSetting(s, key, v.field, nil) }})
			}
		}
	}
	return out
}

// involved are the Ingresses that made one of the changed objects; nil if that is not known of all of these.
func (x *explanation) involved() map[*finding.Object]bool {
	out := map[*finding.Object]bool{}
	for _, c := range x.targets {
		if len(c.Origins) == 0 {
			return nil
		}
		for _, o := range c.Origins {
			out[o.Object] = true
		}
	}
	return out
}

// wholeIngresses are edits that take away an Ingress each. They are tried where objects do not say what they come from, as
// those that all hosts share.
func (x *explanation) wholeIngresses() []edit {
	if !slices.ContainsFunc(x.targets, func(c *Change) bool { return len(c.Origins) == 0 && c.Action != Pruned }) {
		return nil
	}
	var out []edit
	for _, in := range x.Snapshot.Ingresses {
		out = append(out, edit{finding.Origin{Object: in.Object}, func(s *snapshot.Snapshot) { remove(s, in.Object) }})
	}
	return out
}

// differing are edits that undo what the two inputs say differently about their Ingresses.
func (x *explanation) differing() []edit {
	before := byName(x.Before)
	var out []edit
	for _, in := range x.Snapshot.Ingresses {
		old := before[keyOf(in)]
		delete(before, keyOf(in))
		if old == nil {
			out = append(out, edit{finding.Origin{Object: in.Object}, func(s *snapshot.Snapshot) { remove(s, in.Object) }})
			continue
		}
		out = append(out, undo(in, old)...)
	}
	for _, key := range slices.SortedFunc(maps.Keys(before), func(a, b snapshot.Key) int { return strings.Compare(a.String(), b.String()) }) {
		old := before[key]
		out = append(out, edit{finding.Origin{Object: old.Object}, func(s *snapshot.Snapshot) { s.Ingresses = append(s.Ingresses, old) }})
	}
	return out
}

// undo are edits that give an Ingress what it had.
func undo(in, old *snapshot.Ingress) []edit {
	keys := maps.Clone(in.Annotations)
	if keys == nil {
		keys = map[string]string{}
	}
	maps.Copy(keys, old.Annotations)
	var out []edit
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		now, here := in.Annotations[k]
		was, there := old.Annotations[k]
		if here == there && now == was {
			continue
		}
		origin := finding.Origin{Object: in.Object, Field: k, Line: in.Lines.Annotations[k]}
		if !here {
			origin = finding.Origin{Object: old.Object, Field: k, Line: old.Lines.Annotations[k]}
		}
		var value *string
		if there {
			value = &was
		}
		out = append(out, edit{origin, func(s *snapshot.Snapshot) { setAnnotation(s, in.Object, k, value) }})
	}
	if !reflect.DeepEqual(in.Spec, old.Spec) {
		out = append(out, edit{finding.Origin{Object: in.Object, Field: "spec", Line: in.Lines.Spec}, func(s *snapshot.Snapshot) {
			change(s, in.Object, func(c *snapshot.Ingress) { c.Spec, c.Lines = old.Spec, old.Lines })
		}})
	}
	return out
}

// differingSettings are edits that undo what the two inputs say differently in ConfigMaps.
func (x *explanation) differingSettings() []edit {
	var out []edit
	inOrder := func(a, b snapshot.Key) int { return strings.Compare(a.String(), b.String()) }
	for _, key := range slices.SortedFunc(maps.Keys(x.Snapshot.ConfigMaps), inOrder) {
		now, was := x.Snapshot.ConfigMaps[key], x.Before.ConfigMaps[key]
		if was == nil || now == was {
			continue
		}
		keys := maps.Clone(now.Data)
		if keys == nil {
			keys = map[string]string{}
		}
		maps.Copy(keys, was.Data)
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			old, there := was.Data[k]
			if value, here := now.Data[k]; here == there && value == old {
				continue
			}
			var value *string
			if there {
				value = &old
			}
			out = append(out, edit{finding.Origin{Object: now.Object, Field: k, Line: now.Lines[k]}, func(s *snapshot.Snapshot) { setSetting(s, key, k, value) }})
		}
	}
	return out
}

// The following change a snapshot whose lists are its own, but not what is in them.

func remove(s *snapshot.Snapshot, o *finding.Object) {
	s.Ingresses = slices.DeleteFunc(s.Ingresses, func(in *snapshot.Ingress) bool { return in.Object == o })
}

func change(s *snapshot.Snapshot, o *finding.Object, how func(*snapshot.Ingress)) {
	for i, in := range s.Ingresses {
		if in.Object == o {
			changed := *in
			how(&changed)
			s.Ingresses[i] = &changed
		}
	}
}

func setAnnotation(s *snapshot.Snapshot, o *finding.Object, key string, value *string) {
	change(s, o, func(in *snapshot.Ingress) { in.Annotations = with(in.Annotations, key, value) })
}

func setSetting(s *snapshot.Snapshot, c snapshot.Key, key string, value *string) {
	changed := *s.ConfigMaps[c]
	changed.Data = with(changed.Data, key, value)
	s.ConfigMaps = maps.Clone(s.ConfigMaps)
	s.ConfigMaps[c] = &changed
}

// with is a mapping in which a key has a value, or is not there.
func with(m map[string]string, key string, value *string) map[string]string {
	out := maps.Clone(m)
	if value == nil {
		delete(out, key)
		return out
	}
	if out == nil {
		out = map[string]string{}
	}
	out[key] = *value
	return out
}
