package sync

import (
	"context"
	"hash/fnv"
	"maps"
	"strconv"
	"time"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/group"
	"github.com/ingress2gw/ingress2gw/operator/metrics"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// info is what a translation says of one Ingress.
type info struct {
	stamp         string // of what it was made from
	counts        v1alpha1.FindingCounts
	codes         map[metrics.Finding]int
	blocking      []v1alpha1.BlockingFinding
	blockingCount int32
	objects       []v1alpha1.ObjectStatus
	objectCount   int32
	dropped       string // why the controller does not serve it
	taken         string // a host that another Gateway serves
}

// The most that a status lists.
const (
	mostBlocking = 20
	mostObjects  = 50
	mostHosts    = 100
	mostMessage  = 1000
)

// preview translates the Ingresses that changed, each with all that it shares a host or a Service with.
func (r *round) preview(ctx context.Context) error {
	taking, words := r.words()
	foreign, foreignVersion := r.foreign("live")
	r.previewBase, r.others = r.base()+foreignVersion, foreign
	var changed []*item
	known := make(map[snapshot.Key]*info, len(taking))
	for _, g := range group.Of(words) {
		h := fnv.New128a()
		_, _ = h.Write([]byte(r.previewBase))
		for _, i := range g {
			_, _ = h.Write([]byte(r.stampOf(taking[i])))
		}
		stamp := string(h.Sum(nil))
		same := true
		for _, i := range g {
			old := r.m.infos[taking[i].key]
			same = same && old != nil && old.stamp == stamp
		}
		for _, i := range g {
			it := taking[i]
			if known[it.key] = r.m.infos[it.key]; !same {
				known[it.key] = &info{stamp: stamp}
				changed = append(changed, it)
			}
		}
	}
	r.m.infos = known
	if len(changed) == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	var err error
	r.m.blocking, err = r.previewOf(changed, known)
	return err
}

// words are what Ingresses that are not excluded have in common with others.
func (r *round) words() (taking []*item, words [][]string) {
	wild := wildcardsOf(r.items)
	if !maps.Equal(wild, r.m.wild) {
		r.m.wild, r.m.groups = wild, group.Index[snapshot.Key]{}
	}
	for _, it := range r.items {
		if !it.outside() {
			taking = append(taking, it)
			words = append(words, r.m.groups.Note(it.key, it.source, func() []string { return it.source.Words(wild) }))
		}
	}
	if r.m.groups.Len() > len(taking) {
		r.m.groups.Keep(func(k snapshot.Key) bool { it := r.byKey[k]; return it != nil && !it.outside() })
	}
	return taking, words
}

// previewOf translates some Ingresses as if they were live, for what is to be said of them. It gives what concerns all.
func (r *round) previewOf(some []*item, infos map[snapshot.Key]*info) ([]v1alpha1.BlockingFinding, error) {
	res := r.translate(view{r.in.shared, r.secrets, r.others}, sourcesOf(some), r.m.settings.Live)
	blocking := spread(res, some, infos)
	if len(r.m.mesh) == 0 {
		r.m.mesh = res.MeshConfig
	}
	for _, o := range res.Objects {
		d, err := apply.Want(o, r.m.name, "live", "")
		if err != nil {
			return nil, err
		}
		for _, key := range d.Origins() {
			if i := infos[key]; i != nil {
				i.list(d)
			}
		}
	}
	return blocking, nil
}

// base sums up what all translations of the Migration depend on.
func (r *round) base() string {
	return string(r.o.UID) + strconv.FormatInt(r.o.Generation, 10) + r.in.version
}

// translate calls the translation that the command line calls, for some Ingresses.
func (r *round) translate(v view, sources []source, o translate.Options) *translate.Result {
	start, done := time.Now(), r.Metrics.Translating()
	defer func() { r.busy += time.Since(start) }()
	s := *v.shared
	s.Secrets, s.Gateways = v.secrets, v.foreign
	for _, in := range sources {
		s.Ingresses = append(s.Ingresses, in.Ingress.Ingress)
		s.Findings.Add(in.Findings...)
		s.Read++
	}
	res := translate.Translate(&s, o)
	if o.Waived != nil {
		for i := range res.Findings {
			f := &res.Findings[i]
			f.Waived = f.Waived || o.Waived(f.Code, f.Origin.Object)
		}
	}
	blocked := false
	for i := range res.Findings {
		blocked = blocked || res.Findings[i].Blocking()
	}
	done(blocked)
	return res
}

// spread gives each Ingress its findings. What blocks and is about no Ingress is about those that name the object, or about all.
func spread(res *translate.Result, items []*item, infos map[snapshot.Key]*info) (edge []v1alpha1.BlockingFinding) {
	byObject, naming := map[*finding.Object]*info{}, map[snapshot.Key][]*info{}
	for _, it := range items {
		i := infos[it.key]
		i.codes = map[metrics.Finding]int{}
		byObject[it.source.Object] = i
		for _, k := range it.source.Needs {
			naming[k] = append(naming[k], i)
		}
	}
	for n := range res.Findings {
		f := &res.Findings[n]
		if i := byObject[f.Origin.Object]; i != nil {
			i.take(f)
			continue
		}
		if !f.Blocking() {
			continue
		}
		b := blockingOf(f)
		if o := f.Origin.Object; o != nil {
			if some := naming[snapshot.Key{Namespace: o.Namespace, Name: o.Name}]; len(some) > 0 {
				for _, i := range some {
					i.block(b)
				}
				continue
			}
		}
		edge = append(edge, b)
		for _, it := range items {
			infos[it.key].block(b)
		}
	}
	return edge
}

func blockingOf(f *finding.Finding) v1alpha1.BlockingFinding {
	return v1alpha1.BlockingFinding{Code: string(f.Code), Field: f.Origin.Field, Message: short(f.Message())}
}

func short(s string) string {
	if len(s) > mostMessage {
		return s[:mostMessage] + "…"
	}
	return s
}

func (i *info) block(b v1alpha1.BlockingFinding) {
	if i.blockingCount++; len(i.blocking) < mostBlocking {
		i.blocking = append(i.blocking, b)
	}
}

func (i *info) take(f *finding.Finding) {
	i.codes[metrics.Finding{Code: string(f.Code), Severity: f.Severity().String()}]++
	if f.Blocking() {
		i.block(blockingOf(f))
	}
	switch f.Code {
	case finding.IngressDropped:
		i.dropped = short(f.Message())
	case finding.HostTaken:
		i.taken = short(f.Message())
	}
	c := &i.counts
	switch f.Class {
	case finding.Exact:
		c.Exact++
	case finding.Noop:
		c.Noop++
	case finding.Approximate:
		c.Approximate++
	case finding.Unknown:
		c.Unknown++
	case finding.Invalid:
		c.Invalid++
	case finding.Manual:
		c.Manual++
	case finding.Refused:
		c.Refused++
	}
}

// mention lists the objects of an edge that come from an Ingress.
func (i *info) mention(e *edge, key snapshot.Key) {
	i.objects, i.objectCount = nil, 0
	for _, ref := range e.known.Of(key) {
		if d := e.desired[ref]; d != nil {
			i.list(d)
		}
	}
}

func (i *info) list(d *apply.Desired) {
	if i.objectCount++; len(i.objects) < mostObjects {
		i.objects = append(i.objects, v1alpha1.ObjectStatus{APIVersion: d.APIVersion, Kind: d.Kind, Namespace: d.Namespace, Name: d.Name, Hash: d.Hash})
	}
}

// meshYAML is the mesh configuration as text.
func meshYAML(m manifest.Map) string {
	if len(m) == 0 {
		return ""
	}
	data, err := manifest.YAML(append(manifest.Map{}, m...))
	if err != nil {
		return ""
	}
	return string(data)
}
