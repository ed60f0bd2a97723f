package sync

import (
	"maps"
	"slices"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/incremental"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Above these numbers a translation of everything is as quick.
const (
	mostChanged  = 400
	mostTogether = 1000
)

// source is an Ingress to be translated.
type source struct {
	key snapshot.Key
	*inputs.Ingress
}

func sourcesOf(items []*item) []source {
	out := make([]source, len(items))
	for i, it := range items {
		out[i] = source{it.key, it.source}
	}
	return out
}

// translation translates some Ingresses for an edge.
func (r *round) translation(v view, sources []source, o translate.Options, edge string) incremental.Translation {
	t := incremental.Translation{Result: r.translate(v, sources, o)}
	if t.Objects = t.Result.Objects; edge == "shadow" {
		apart(t.Objects)
	}
	for _, s := range sources {
		t.Sources = append(t.Sources, incremental.Source{Key: s.key, Object: s.Object})
	}
	return t
}

// touched collects what a change of an edge led to.
type touched struct {
	refs  map[apply.Ref]bool
	keys  map[snapshot.Key]bool
	later map[snapshot.Key]bool // of Ingresses that are still to be remembered
}

// translatePart replaces in an edge what those Ingresses lead to that changed, nil for gone, with all that hang together with them. It
// says why if that cannot be done: then nothing was changed that a translation of everything does not bring in order.
func (r *round) translatePart(e *edge, o *translate.Options, v view, changed map[snapshot.Key]*item, done *touched) (why string, _ error) {
	switch {
	case e.known == nil || e.unsafe != "" || e.blocked:
		return "the last translation is not whole", nil
	case len(changed) > mostChanged:
		return "too many Ingresses changed", nil
	case !sameWildcards(e, changed):
		return "a wildcard changed", nil
	}
	keys, ok := e.together(changed)
	if !ok {
		return "too many Ingresses hang together", nil
	}
	var was []source
	var is []*item
	for _, k := range keys {
		if m, ok := e.members[k]; ok {
			was = append(was, source{k, m.source})
		}
		if it, ok := changed[k]; ok && it != nil {
			is = append(is, it)
		} else if !ok {
			is = append(is, r.byKey[k])
		}
	}
	options := *o
	options.Target.OtherCertificates = e.known.Certificates()
	old, now := r.translation(e.view, was, options, e.name), r.translation(v, sourcesOf(is), options, e.name)
	infos := make(map[snapshot.Key]*info, len(is))
	for _, it := range is {
		infos[it.key] = &info{}
	}
	if len(spread(now.Result, is, infos)) > 0 {
		return "something concerns all", nil
	}
	c, why := e.known.Update(old, now)
	if why != "" {
		return why, nil
	}
	e.view = v
	for k, it := range changed {
		if delete(e.members, k); it != nil {
			e.members[k] = member{r.stampOf(it), it.source}
		}
	}
	for _, ref := range c.Gone {
		delete(e.desired, ref)
		delete(e.hashes, ref)
	}
	for _, object := range c.Set {
		if err := r.want(e, object, e.hashes); err != nil {
			return "", err
		}
	}
	for _, k := range keys {
		delete(e.infos, k)
	}
	for k, i := range infos {
		i.mention(e, k)
	}
	maps.Copy(e.infos, infos)
	if done != nil {
		for _, k := range keys {
			done.keys[k] = true
		}
		for _, object := range c.Set {
			done.refs[apply.RefOf(object)] = true
		}
		for _, ref := range c.Gone {
			done.refs[ref] = true
		}
	}
	return "", nil
}

// sameWildcards tells whether a change leaves the wildcards as they are: all that lie below them hang together with them.
func sameWildcards(e *edge, changed map[snapshot.Key]*item) bool {
	wild := func(in *inputs.Ingress) (out []string) {
		if in != nil {
			for _, h := range in.Hosts {
				if h[0] == '*' {
					out = append(out, h)
				}
			}
		}
		return out
	}
	for k, it := range changed {
		var now *inputs.Ingress
		if it != nil {
			now = it.source
		}
		if !slices.Equal(wild(e.members[k].source), wild(now)) {
			return false
		}
	}
	return true
}

// together are all Ingresses that hang together with those that changed, as they were or as they are, in order.
func (e *edge) together(changed map[snapshot.Key]*item) ([]snapshot.Key, bool) {
	all := func(snapshot.Key) bool { return true }
	keys, ok := e.index.With(slices.Collect(maps.Keys(changed)), all, mostTogether)
	if !ok {
		return nil, false
	}
	for k, it := range changed {
		if it == nil {
			e.index.Set(k, nil)
		} else {
			e.index.Set(k, it.source.Words(e.wild))
		}
	}
	if keys, ok = e.index.With(keys, all, mostTogether); !ok {
		return nil, false
	}
	slices.SortFunc(keys, compareKeys)
	return keys, true
}
