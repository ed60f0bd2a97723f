// Package phase decides how far each Ingress goes. A host moves as a whole: serving half of its paths would answer the others with
// 404, or with a route that lacks their protection.
package phase

import (
	"slices"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// Ingress is what a decision depends on.
type Ingress struct {
	Key      string // namespace/name
	Hosts    []string
	Wanted   v1alpha1.Phase
	Explicit bool           // Wanted is its own word, not the Migration's default
	Was      v1alpha1.Phase // how far it is; "" if it is new
	Blocked  bool           // one of its protections cannot be carried over
}

// Decision is how far an Ingress goes.
type Decision struct {
	Phase v1alpha1.Phase
	// Reason says why that is not what is wanted; "" if it is.
	Reason string
	// Because is the Ingress that holds it back, or the host that does; "" for none.
	Because string
}

// order ranks the phases.
var order = [...]v1alpha1.Phase{v1alpha1.PhaseExcluded, v1alpha1.PhasePreview, v1alpha1.PhaseShadow, v1alpha1.PhaseLive, v1alpha1.PhaseReleased}

// Rank is the place of a phase in their order; that of "" is before all.
func Rank(p v1alpha1.Phase) int { return slices.Index(order[:], p) }

// Known tells whether p is a phase.
func Known(p v1alpha1.Phase) bool { return Rank(p) >= 0 }

// Decide says how far each Ingress goes. Whoever is on a host already stays there whatever newcomers want, and pulls it back when
// he wants so; a newcomer without a word of his own joins a host where it is; and a host goes further when all its
// Ingresses want to. Who is to be excluded goes with the last who is on one of his hosts: what he serves would fall to their paths, without its
// protection. withShadow tells whether there is a shadow gateway.
func Decide(all []Ingress, withShadow bool) map[string]Decision {
	out := make(map[string]Decision, len(all))
	taking, leaving := make([]*Ingress, 0, len(all)), []*Ingress(nil)
	for i := range all {
		x := &all[i]
		switch {
		case x.Wanted != v1alpha1.PhaseExcluded:
			out[x.Key] = Decision{Phase: v1alpha1.PhasePreview}
			taking = append(taking, x)
		case Rank(x.Was) < Rank(v1alpha1.PhaseLive):
			out[x.Key] = Decision{Phase: v1alpha1.PhaseExcluded}
		default:
			out[x.Key] = Decision{Phase: v1alpha1.PhaseExcluded}
			leaving = append(leaving, x)
		}
	}
	if len(leaving) > 0 {
		l := newLevel(v1alpha1.PhaseLive, taking)
		leaving = slices.DeleteFunc(leaving, func(x *Ingress) bool { return l.keeper(x) == "" })
		taking = append(taking, leaving...)
	}
	for _, level := range order[2:] {
		l := newLevel(level, taking)
		reached := l.reached()
		for _, x := range taking {
			d := out[x.Key]
			switch {
			case reached[x]:
				d = Decision{Phase: level}
				if x.Wanted == v1alpha1.PhaseExcluded {
					d.Reason, d.Because = v1alpha1.ReasonWaiting, l.keeper(x)
				}
			case Rank(x.Wanted) >= l.rank && d.Reason == "":
				d.Reason, d.Because = l.why(x, reached)
			}
			out[x.Key] = d
		}
		taking = slices.DeleteFunc(slices.Clone(taking), func(x *Ingress) bool { return !reached[x] })
	}
	for _, x := range leaving {
		d := out[x.Key]
		if Rank(d.Phase) < Rank(v1alpha1.PhaseLive) {
			d = Decision{Phase: v1alpha1.PhaseExcluded}
		}
		out[x.Key] = d
	}
	if !withShadow {
		for key, d := range out {
			if d.Phase == v1alpha1.PhaseShadow {
				d.Phase = v1alpha1.PhasePreview
				if d.Reason == "" {
					d.Reason = v1alpha1.ReasonShadowImpossible
				}
				out[key] = d
			}
		}
	}
	return out
}

// level is the question who reaches a phase.
type level struct {
	phase  v1alpha1.Phase
	rank   int
	all    []*Ingress
	byHost map[string][]*Ingress
	wants  map[*Ingress]bool
}

func newLevel(p v1alpha1.Phase, all []*Ingress) *level {
	l := &level{phase: p, rank: Rank(p), all: all, byHost: map[string][]*Ingress{}, wants: map[*Ingress]bool{}}
	for _, x := range all {
		for _, h := range x.Hosts {
			l.byHost[h] = append(l.byHost[h], x)
		}
		l.wants[x] = Rank(x.Wanted) >= l.rank
	}
	for _, x := range all {
		if x.Wanted == v1alpha1.PhaseExcluded {
			l.wants[x] = l.established(x) && l.keeper(x) != ""
		}
	}
	var follow []*Ingress
	for _, x := range all {
		if !x.Explicit && !l.wants[x] && len(x.Hosts) > 0 && !slices.ContainsFunc(x.Hosts, func(h string) bool { return !l.held(h, x) }) {
			follow = append(follow, x)
		}
	}
	for _, x := range follow {
		l.wants[x] = true
	}
	return l
}

// keeper is who keeps somebody on a live host that is to be excluded from it: who is there, and wants to stay; "" for nobody.
func (l *level) keeper(x *Ingress) string {
	least := max(l.rank, Rank(v1alpha1.PhaseLive))
	for _, h := range x.Hosts {
		for _, y := range l.byHost[h] {
			if y != x && Rank(y.Was) >= least && Rank(y.Wanted) >= least {
				return y.Key
			}
		}
	}
	return ""
}

func (l *level) established(x *Ingress) bool { return Rank(x.Was) >= l.rank }

// held tells whether somebody else is on the host, and wants to stay.
func (l *level) held(host string, but *Ingress) bool {
	return slices.ContainsFunc(l.byHost[host], func(x *Ingress) bool { return x != but && l.established(x) && l.wants[x] })
}

// reached says who reaches the level.
func (l *level) reached() map[*Ingress]bool {
	in, left := l.stay()
	isHeld := map[string]bool{}
	for x := range in {
		for _, h := range x.Hosts {
			isHeld[h] = true
		}
	}
	joining := map[*Ingress]bool{}
	for _, x := range l.all {
		if !l.wants[x] || in[x] || l.established(x) {
			continue
		}
		free := slices.ContainsFunc(x.Hosts, func(h string) bool { return !isHeld[h] })
		// On a host that is there already, a closed route is better than none: without it, another might serve its path openly.
		if x.Blocked && l.phase == v1alpha1.PhaseLive && (free || len(x.Hosts) == 0) {
			continue
		}
		joining[x] = true
	}
	for again := true; again; {
		again = false
		for _, x := range l.all {
			if joining[x] && slices.ContainsFunc(x.Hosts, func(h string) bool { return left[h] || !isHeld[h] && !l.together(h, joining) }) {
				delete(joining, x)
				again = true
			}
		}
	}
	for x := range joining {
		in[x] = true
	}
	return in
}

// together tells whether all Ingresses of a host are in a set.
func (l *level) together(host string, set map[*Ingress]bool) bool {
	return !slices.ContainsFunc(l.byHost[host], func(x *Ingress) bool { return !set[x] })
}

// stay says who is on the level and stays, and which hosts leave it: with one of its Ingresses a host goes back as a whole.
func (l *level) stay() (in map[*Ingress]bool, left map[string]bool) {
	in, left = map[*Ingress]bool{}, map[string]bool{}
	for _, x := range l.all {
		switch {
		case l.established(x) && l.wants[x]:
			in[x] = true
		case l.established(x):
			for _, h := range x.Hosts {
				left[h] = true
			}
		}
	}
	for again := true; again; {
		again = false
		for _, x := range l.all {
			if in[x] && slices.ContainsFunc(x.Hosts, func(h string) bool { return left[h] }) {
				delete(in, x)
				again = true
				for _, h := range x.Hosts {
					left[h] = true
				}
			}
		}
	}
	return in, left
}

// why says what keeps an Ingress from a level that it wants.
func (l *level) why(x *Ingress, reached map[*Ingress]bool) (reason, because string) {
	if x.Blocked && l.phase == v1alpha1.PhaseLive {
		return v1alpha1.ReasonBlocked, ""
	}
	for _, h := range x.Hosts {
		for _, y := range l.byHost[h] {
			if y != x && !reached[y] && y.Blocked && l.phase == v1alpha1.PhaseLive {
				return v1alpha1.ReasonBlocked, y.Key
			}
		}
	}
	for _, h := range x.Hosts {
		for _, y := range l.byHost[h] {
			if y != x && !l.wants[y] {
				return v1alpha1.ReasonWaiting, y.Key
			}
		}
	}
	for _, h := range x.Hosts { // somebody who is kept back himself
		for _, y := range l.byHost[h] {
			if y != x && !reached[y] {
				return v1alpha1.ReasonWaiting, y.Key
			}
		}
	}
	return v1alpha1.ReasonWaiting, ""
}
