package incremental

import (
	"maps"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Translation is a translation of some Ingresses, in the form in which its objects are applied.
type Translation struct {
	*translate.Result
	Objects []*manifest.Object
	Sources []Source
}

// Change is what became of an edge.
type Change struct {
	Set  []*manifest.Object // that are new, or other than they were
	Gone []apply.Ref
}

// The reasons for which everything has to be translated.
const (
	NotWhole     = "an object would be invalid"
	NotLocal     = "others have a part in what they lead to"
	NotTheSame   = "others have a part in what is said of them"
	NameTaken    = "others have an object of a name that they need"
	EdgeWide     = "it changes what concerns all"
	Moved        = "a host moves from one certificate to another"
	NotThere     = "it needs what the gateway does not have"
	NotForeseen  = "others lead to what they lead to no more"
	nothingWrong = ""
)

// Update replaces what some Ingresses lead to. They are all those that hang together with what changed, before or after it; was is their
// translation as they were, is as they are. why says why that cannot be done, and then nothing was.
func (e *Edge) Update(was, is Translation) (c Change, why string) {
	old, now := read(was), read(is)
	if why := e.holds(&old, &now); why != nothingWrong {
		return c, why
	}
	grown, why := e.cover(&old, &now)
	if why != nothingWrong {
		return c, why
	}
	for ref, x := range now.own {
		if before, ok := old.own[ref]; !ok || before.sum != x.sum {
			c.Set = append(c.Set, x.object)
		}
	}
	for ref := range old.own {
		e.drop(ref)
		if _, ok := now.own[ref]; !ok {
			c.Gone = append(c.Gone, ref)
		}
	}
	for ref, x := range now.own {
		e.put(ref, x)
	}
	grown.into(&c)
	for k := range old.said {
		delete(e.said, k)
	}
	maps.Copy(e.said, now.said)
	return c, nothingWrong
}

// holds tells whether what the edge has of some Ingresses is what they alone lead to, and would be so again.
func (e *Edge) holds(old, now *part) string {
	switch {
	case old.invalid || now.invalid:
		return NotWhole
	case old.others != now.others || old.mesh != now.mesh && now.mesh != e.mesh:
		return EdgeWide
	}
	for ref, x := range old.own {
		if have, ok := e.objects[ref]; !ok || have.sum != x.sum {
			return NotLocal
		}
	}
	for k, sum := range old.said {
		if e.said[k] != sum {
			return NotTheSame
		}
		for _, ref := range e.byOrigin[k] {
			if _, ok := old.own[ref]; !ok && belongs(e.objects[ref].object) {
				return NotForeseen
			}
		}
	}
	for k := range now.said {
		if _, ok := old.said[k]; !ok && e.said[k] != (Sum{}) {
			return NotForeseen
		}
	}
	for ref := range now.own {
		if _, mine := old.own[ref]; mine {
			continue
		}
		if _, taken := e.objects[ref]; taken {
			return NameTaken
		}
	}
	return nothingWrong
}
