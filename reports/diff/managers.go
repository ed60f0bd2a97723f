package diff

import (
	"maps"
	"slices"
	"strings"
)

// managers are the field managers of a live object, each with the fields that it set: a tree as the API server writes it, of
// f:FIELD, k:{KEYS} and v:VALUE, with nothing below what is managed as a whole.
type managers []manager

type manager struct {
	name   string
	fields map[string]any
}

func managersOf(live map[string]any) managers {
	md, _ := live["metadata"].(map[string]any)
	list, _ := md["managedFields"].([]any)
	byName := map[string]*manager{}
	var names []string
	for _, v := range list {
		entry, _ := v.(map[string]any)
		n, _ := entry["manager"].(string)
		fields, _ := entry["fieldsV1"].(map[string]any)
		if sub, _ := entry["subresource"].(string); sub != "" || n == "" {
			continue
		}
		if byName[n] == nil {
			byName[n] = &manager{n, map[string]any{}}
			names = append(names, n)
		}
		merge(byName[n].fields, fields)
	}
	slices.Sort(names)
	var out managers
	for _, n := range names {
		out = append(out, *byName[n])
	}
	return out
}

// merge adds one set of fields to another: a manager may have applied some fields and updated others.
func merge(into, from map[string]any) {
	for k, v := range from {
		sub, _ := v.(map[string]any)
		if have, ok := into[k].(map[string]any); ok {
			merge(have, sub)
			continue
		}
		fresh := map[string]any{}
		merge(fresh, sub)
		into[k] = fresh
	}
}

// of names the managers of a field: of the field itself, of what it is a part of as a whole, or of anything in it.
func (ms managers) of(p Path) []string {
	var out []string
	for _, m := range ms {
		if manages(m.fields, p) {
			out = append(out, m.name)
		}
	}
	return out
}

func manages(fields map[string]any, p Path) bool {
	for depth, s := range p {
		if s.Item { // of a list that is managed item by item: which one is not looked into
			return true
		}
		sub, ok := fields["f:"+s.Field].(map[string]any)
		if !ok {
			return false
		}
		if len(sub) == 0 || depth == len(p)-1 {
			return true
		}
		fields = sub
	}
	return false
}

// Ours tells whether a field manager is this program, as a command or as an operator.
func Ours(manager string) bool {
	return manager == FieldManager || strings.HasPrefix(manager, FieldManager+"-")
}

// FieldManager is the name under which the command applies.
const FieldManager = "ingress2gw"

// Manager is the one of our field managers that manages an object; FieldManager if none does.
func Manager(live map[string]any) string {
	for _, m := range managersOf(live) {
		if Ours(m.name) {
			return m.name
		}
	}
	return FieldManager
}

func (ms managers) names() []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.name)
	}
	return out
}

// keptNotices tell which fields stay although the translation does not state them, because others manage them.
func keptNotices(ms managers, stated map[string]any) []string {
	if stated == nil {
		return nil
	}
	var out []string
	for _, m := range ms {
		if Ours(m.name) {
			continue
		}
		var kept []string
		for _, part := range [...]string{"spec", "data", "stringData"} {
			if sub, ok := m.fields["f:"+part].(map[string]any); ok {
				kept = append(kept, unstated(Path{{Field: part}}, sub, stated[part])...)
			}
		}
		if len(kept) > 0 {
			out = append(out, "keeps "+strings.Join(kept, ", ")+", managed by "+m.name+" and not stated by the translation")
		}
	}
	return out
}

// unstated lists fields of a manager that a value does not have.
func unstated(p Path, fields map[string]any, value any) []string {
	m, ok := value.(map[string]any)
	if !ok && value != nil || len(fields) == 0 && value != nil {
		return nil
	}
	if len(fields) == 0 {
		return []string{p.String()}
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		field, ok := strings.CutPrefix(k, "f:")
		if !ok {
			continue
		}
		sub, _ := fields[k].(map[string]any)
		if v, there := m[field]; !there || len(sub) > 0 {
			out = append(out, unstated(p.with(Step{Field: field}), sub, v)...)
		}
	}
	return out
}

// OwnedBy is the set of fields that a manager alone manages in a live object: a tree of f:FIELD, with nothing below what is
// managed as a whole.
func OwnedBy(live map[string]any, manager string) map[string]any {
	own := map[string]any{}
	for _, m := range managersOf(live) {
		if m.name == manager {
			merge(own, m.fields)
		}
	}
	for _, m := range managersOf(live) {
		if m.name != manager {
			subtract(own, m.fields)
		}
	}
	return own
}

// subtract takes the fields of others out of a set.
func subtract(from, others map[string]any) {
	for k, v := range others {
		have, ok := from[k].(map[string]any)
		if !ok {
			continue
		}
		sub, _ := v.(map[string]any)
		subtract(have, sub)
		if len(have) == 0 {
			delete(from, k)
		}
	}
}
