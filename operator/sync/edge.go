package sync

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/group"
	"github.com/ingress2gw/ingress2gw/operator/incremental"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/operator/phase"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// edge is what one gateway is to have. Gateways, filters and shared names depend on all its Ingresses, so that at first all are
// translated together. When some of them change, they are translated alone, as they were and as they are, and what they lead to is
// replaced, if that comes to the same; see package incremental.
type edge struct {
	name    string
	base    string // what all its translations depend on
	members map[snapshot.Key]member
	index   group.Index[snapshot.Key] // of members
	wild    map[string]bool           // their wildcards
	view    view
	known   *incremental.Edge // nil if it is not translated
	desired map[apply.Ref]*apply.Desired
	hashes  map[apply.Ref]memo
	infos   map[snapshot.Key]*info
	// keeping says that filters hold patches for routes that stay as they are.
	keeping bool
	// blocked says that something concerns all Ingresses of it.
	blocked bool
	// unsafe says that the translation is not whole, so that nothing may be removed because of it.
	unsafe string
	hosts  hostList
}

// member is an Ingress as it was translated.
type member struct {
	stamp  string
	source *inputs.Ingress
}

// view is what Ingresses refer to. None of it is changed once it was read.
type view struct {
	shared  *snapshot.Snapshot
	secrets map[snapshot.Key]*snapshot.Secret
	foreign []*snapshot.Gateway
}

// memo saves writing an object as JSON to compute its hash.
type memo struct {
	sum  incremental.Sum
	hash string
}

// membersOf are the Ingresses that an edge serves.
func (r *round) membersOf(least v1alpha1.Phase) (members []*item) {
	for _, it := range r.items {
		if p := phase.Rank(it.decision.Phase); p == phase.Rank(least) || least == v1alpha1.PhaseLive && p > phase.Rank(least) {
			members = append(members, it)
		}
	}
	return members
}

// translateEdge brings an edge up to date.
func (r *round) translateEdge(e *edge, options *translate.Options, least v1alpha1.Phase) error {
	var members []*item
	if options != nil {
		members = r.membersOf(least)
	}
	if len(members) == 0 {
		*e = edge{name: e.name, desired: map[apply.Ref]*apply.Desired{}}
		return nil
	}
	foreign, version := r.foreign(e.name)
	base, v := r.base()+version+r.m.token, view{r.in.shared, r.secrets, foreign}
	if base == e.base {
		changed := r.changedMembers(e, members)
		if len(changed) == 0 && (!r.thorough || !e.debt()) {
			return nil
		}
		if !r.thorough || !e.debt() {
			if why, err := r.translatePart(e, options, v, changed, nil); why == "" || err != nil {
				return err
			}
		}
	}
	e.base = base
	return r.translateWhole(e, options, v, members)
}

// debt tells whether the edge may have what nothing uses any more.
func (e *edge) debt() bool { return e.known != nil && e.known.Debt }

// changedMembers are the Ingresses that came, went, or are other than they were.
func (r *round) changedMembers(e *edge, members []*item) map[snapshot.Key]*item {
	changed, there := map[snapshot.Key]*item{}, 0
	for _, it := range members {
		m, ok := e.members[it.key]
		if ok {
			there++
		}
		if !ok || m.stamp != r.stampOf(it) {
			changed[it.key] = it
		}
	}
	if there == len(e.members) {
		return changed
	}
	now := make(map[snapshot.Key]bool, len(members))
	for _, it := range members {
		now[it.key] = true
	}
	for k := range e.members {
		if !now[k] {
			changed[k] = nil
		}
	}
	return changed
}

// translateWhole translates all Ingresses of an edge.
func (r *round) translateWhole(e *edge, options *translate.Options, v view, members []*item) error {
	t := r.translation(v, sourcesOf(members), *options, e.name)
	e.infos, e.unsafe, e.index = make(map[snapshot.Key]*info, len(members)), "", group.Index[snapshot.Key]{}
	e.members = make(map[snapshot.Key]member, len(members))
	e.wild = wildcardsOf(members)
	for _, it := range members {
		e.infos[it.key] = &info{}
		e.members[it.key] = member{r.stampOf(it), it.source}
		e.index.Set(it.key, it.source.Words(e.wild))
	}
	e.blocked = len(spread(t.Result, members, e.infos)) > 0
	for i := range t.Findings {
		if t.Findings[i].Code == finding.InvalidOutput {
			e.unsafe = t.Findings[i].Message()
		}
	}
	if e.hosts = (hostList{}); e.name == "live" {
		r.m.mesh = t.MeshConfig
	}
	e.known, e.view = incremental.New(t), v
	e.desired = make(map[apply.Ref]*apply.Desired, len(t.Objects))
	old := e.hashes
	e.hashes = make(map[apply.Ref]memo, len(t.Objects))
	for _, o := range t.Objects {
		if err := r.want(e, o, old); err != nil {
			return err
		}
	}
	for key, i := range e.infos {
		i.mention(e, key)
	}
	return nil
}

// want makes what is to be of an object of a translation.
func (r *round) want(e *edge, o *manifest.Object, old map[apply.Ref]memo) error {
	if o.Kind == "ConfigMap" && o.Name == ownership.HostsName {
		e.hosts.take(o)
		return nil
	}
	ref := apply.RefOf(o)
	sum, _ := e.known.Sum(ref)
	m := old[ref]
	if m.sum != sum {
		m = memo{sum: sum}
	}
	d, err := apply.Want(o, r.m.name, e.name, m.hash)
	if err != nil {
		return err
	}
	m.hash = d.Hash
	e.hashes[ref], e.desired[ref] = m, d
	return nil
}

// wildcardsOf are the wildcards among the hosts of Ingresses, and the host of all.
func wildcardsOf(items []*item) map[string]bool {
	wild := map[string]bool{}
	for _, it := range items {
		for _, h := range it.source.Hosts {
			if h[0] == '*' {
				wild[h] = true
			}
		}
	}
	return wild
}

const shadowPrefix = "i2g-shadow."

// apart gives those objects of the shadow other names that stand beside Services, which both gateways may use.
func apart(objects []*manifest.Object) {
	const longest = 253
	for _, o := range objects {
		if o.Owner != "" && (o.Kind == "DestinationRule" || o.Kind == "ServiceEntry" || o.Kind == "ReferenceGrant") {
			name := shadowPrefix + strings.TrimPrefix(o.Name, "i2g-")
			if len(name) > longest {
				sum := sha256.Sum256([]byte(name))
				name = fmt.Sprintf("%s-%x", name[:longest-17], sum[:8])
			}
			o.Name = name
		}
	}
}
