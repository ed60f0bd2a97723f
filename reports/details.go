package reports

import (
	"cmp"
	"slices"
	"strings"

	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Details are what a report about a fleet shows besides numbers and findings. They are made by Describe, for the formats that
// want them: a conversion without such a report does not pay for them.
type Details struct {
	Readiness    Readiness
	Ingresses    []*Ingress // by namespace and name; those of other controllers and broken ones too, as far as they have a name
	Namespaces   []*Group
	Teams        []*Group
	ByClass      []*Group   // by IngressClass
	Heat         []*HeatRow // by key
	Hosts        []*Host    // by name
	Certificates []*Certificate
	Work         []*Work // the platform's first, then the teams' by name
	Waivers      []Waiver
	Effort       Effort
	Shared       []*manifest.Object // generated objects that belong to no Ingress
}

// Ingress is one Ingress of the input and what becomes of it. State, Worst and Classes speak of all that was found; Findings are
// those that are not suppressed.
type Ingress struct {
	Object     *finding.Object
	Team       string
	Class      string // IngressClass as the Ingress names it; "" for none
	Hosts      []string
	State      State
	Worst      finding.Class // "" if nothing was said about it
	Classes    ClassCounts
	Findings   []finding.Finding // a part of the report's
	Suppressed int
	Objects    []*manifest.Object // that are generated from it
	source     *snapshot.Ingress
	sources    map[*manifest.Object][]manifest.Source
	gateways   map[*manifest.Object]*gatewayParts // if parts of objects are traced
}

// Group is a namespace or a team.
type Group struct {
	Name       string
	Namespaces []string // of a team
	Ingresses  int
	Readiness  Readiness
	Classes    ClassCounts
	Blocking   int
	Minutes    int // of a team: estimated effort; see Effort
}

// HeatRow counts what became of one annotation, by class.
type HeatRow struct {
	Key        string
	Ingresses  int
	Namespaces map[string]int // Ingresses of each
	Classes    ClassCounts
}

// Waiver is what the owner of an Ingress accepted by annotation.
type Waiver struct {
	Object   *finding.Object
	Code     finding.Code
	Reason   string
	Suppress bool // only left out of lists, not waived
}

// Source is what details are made from.
type Source struct {
	Snapshot *snapshot.Snapshot
	Model    *model.Edge // nil: no hosts
	Objects  []*manifest.Object
	// Sources are where parts of the objects come from, for ObjectLines; nil if no format shows them.
	Sources map[*manifest.Object][]manifest.Source
	// TeamLabel is the label that names the team of an Ingress, or of its namespace; "" or no such label: the namespace is the team.
	TeamLabel     string
	ClusterDomain string // "cluster.local" if empty
	Waivers       []Waiver
}

// Describe adds the details, and takes unwanted findings out of all lists as Suppress does. Facts (states, classes, heat) speak of
// all findings; what has to be done, and the effort, of those that are left.
func (r *Report) Describe(s Source, unwanted func(finding.Finding) bool) {
	d := &Details{Effort: effort(), Waivers: s.Waivers}
	b := describer{Details: d, source: s, byObject: map[*finding.Object]*Ingress{}}
	b.ingresses()
	b.facts(r.Findings)
	b.objects()
	b.groups()
	b.inventory()
	r.Details = d
	r.Suppress(unwanted)
	b.attach(r.Findings)
	b.work(r.Findings)
}

type describer struct {
	*Details
	source   Source
	byObject map[*finding.Object]*Ingress
}

// ingresses lists the Ingresses that could be read.
func (b *describer) ingresses() {
	gateways := map[*manifest.Object]*gatewayParts{}
	for _, m := range b.source.Objects {
		if b.source.Sources != nil && m.Kind == "Gateway" {
			gateways[m] = takeApart(m)
		}
	}
	for _, in := range b.source.Snapshot.Ingresses {
		i := &Ingress{Object: in.Object, Team: b.team(in.Namespace, in.Labels), Class: classOf(in), Hosts: hostsOf(in), State: Ready, source: in, sources: b.source.Sources, gateways: gateways}
		b.byObject[in.Object] = i
		b.Ingresses = append(b.Ingresses, i)
	}
}

func classOf(in *snapshot.Ingress) string {
	if c := in.Spec.IngressClassName; c != nil && *c != "" {
		return *c
	}
	return in.Annotations["kubernetes.io/ingress.class"]
}

func hostsOf(in *snapshot.Ingress) []string {
	var out []string
	for i := range in.Spec.Rules {
		if h := in.Spec.Rules[i].Host; !slices.Contains(out, h) && h != "" {
			out = append(out, h)
		}
	}
	slices.Sort(out)
	return out
}

// team names the team of something in a namespace.
func (b *describer) team(namespace string, labels map[string]string) string {
	if b.source.TeamLabel == "" {
		return namespace
	}
	return cmp.Or(labels[b.source.TeamLabel], b.source.Snapshot.NamespaceLabels[namespace][b.source.TeamLabel], namespace)
}

// facts gives every Ingress its state and classes. Findings of one object stand together.
func (b *describer) facts(all []finding.Finding) {
	heat := map[string]*HeatRow{}
	for len(all) > 0 {
		o := all[0].Origin.Object
		n := 1
		for n < len(all) && all[n].Origin.Object == o {
			n++
		}
		if o != nil && o.Kind == "Ingress" && o.Name != "" {
			b.fact(o, all[:n], heat)
		}
		all = all[n:]
	}
	slices.SortFunc(b.Ingresses, func(x, y *Ingress) int {
		return cmp.Or(cmp.Compare(x.Object.Namespace, y.Object.Namespace), cmp.Compare(x.Object.Name, y.Object.Name),
			cmp.Compare(x.Object.File, y.Object.File), cmp.Compare(x.Object.Line, y.Object.Line))
	})
	for _, h := range heat {
		b.Heat = append(b.Heat, h)
	}
	slices.SortFunc(b.Heat, func(x, y *HeatRow) int { return cmp.Compare(x.Key, y.Key) })
}

func (b *describer) fact(o *finding.Object, fs []finding.Finding, heat map[string]*HeatRow) {
	in := b.byObject[o]
	if in == nil { // it could not be read
		in = &Ingress{Object: o, Team: b.team(o.Namespace, nil), State: Failed}
		b.byObject[o] = in
		b.Ingresses = append(b.Ingresses, in)
	}
	in.Suppressed = len(fs) // until attach says how many are left
	last := ""
	for i := range fs {
		f := &fs[i]
		if s := stateOf(f); s.rank() > in.State.rank() {
			in.State = s
		}
		if f.Class == "" {
			continue
		}
		in.Classes[classIndex(f.Class)]++
		if worse(f.Class, in.Worst) {
			in.Worst = f.Class
		}
		if field := f.Part(); isAnnotation(field) {
			h := heat[field]
			if h == nil {
				h = &HeatRow{Key: field}
				heat[field] = h
			}
			h.Classes[classIndex(f.Class)]++
			if field != last {
				h.Ingresses++
				if h.Namespaces == nil {
					h.Namespaces = map[string]int{}
				}
				h.Namespaces[o.Namespace]++
			}
			last = field
		}
	}
}

// isAnnotation tells keys of annotations from paths of fields.
func isAnnotation(field string) bool {
	return field != "" && field != "spec" && !strings.HasPrefix(field, "spec.") && !strings.HasPrefix(field, "metadata") && !strings.HasPrefix(field, "status")
}

// objects gives every Ingress the objects that are generated from it: those that name it as their origin, the settings of
// the Services that it names, and the Gateways of its hosts.
func (b *describer) objects() {
	byService := map[string]*manifest.Object{}
	byHost := map[string][]*manifest.Object{}
	for _, m := range b.source.Objects {
		last := (*Ingress)(nil)
		for _, o := range m.Origins {
			if in := b.byObject[o.Object]; in != nil && in != last {
				last = in
				in.addObject(m)
			}
		}
		switch {
		case m.Kind == "DestinationRule":
			spec, _ := m.Tree().Get("spec")
			byService[text(under(spec, "host"))] = m
		case m.Kind == "Gateway":
			for _, h := range gatewayHosts(m) {
				byHost[h] = append(byHost[h], m)
			}
		case last == nil:
			b.Shared = append(b.Shared, m)
		}
	}
	for _, in := range b.Ingresses {
		if in.source == nil || in.State == Skipped || in.State == Failed {
			continue
		}
		for _, service := range servicesOf(in.source) {
			name := service + "." + in.Object.Namespace + ".svc."
			if m := byService[name+b.clusterDomain()]; m != nil {
				in.addObject(m)
			}
		}
		for _, h := range in.Hosts {
			for _, m := range byHost[h] {
				in.addObject(m)
			}
		}
	}
}

func (b *describer) clusterDomain() string { return cmp.Or(b.source.ClusterDomain, "cluster.local") }

func (in *Ingress) addObject(m *manifest.Object) {
	if !slices.Contains(in.Objects, m) {
		in.Objects = append(in.Objects, m)
	}
}

// servicesOf names the Services that an Ingress sends requests to.
func servicesOf(in *snapshot.Ingress) []string {
	var out []string
	add := func(b *netv1.IngressBackend) {
		if b != nil && b.Service != nil && !slices.Contains(out, b.Service.Name) {
			out = append(out, b.Service.Name)
		}
	}
	add(in.Spec.DefaultBackend)
	for i := range in.Spec.Rules {
		if http := in.Spec.Rules[i].HTTP; http != nil {
			for k := range http.Paths {
				add(&http.Paths[k].Backend)
			}
		}
	}
	return out
}

// groups adds Ingresses up by namespace and team.
func (b *describer) groups() {
	namespaces, teams, classes := map[string]*Group{}, map[string]*Group{}, map[string]*Group{}
	for _, in := range b.Ingresses {
		ns := groupOf(namespaces, in.Object.Namespace)
		ns.count(in)
		t := groupOf(teams, in.Team)
		t.count(in)
		groupOf(classes, in.Class).count(in)
		if !slices.Contains(t.Namespaces, in.Object.Namespace) {
			t.Namespaces = append(t.Namespaces, in.Object.Namespace)
		}
		b.Readiness.add(in.State)
	}
	b.Namespaces, b.Teams, b.ByClass = sortGroups(namespaces), sortGroups(teams), sortGroups(classes)
}

func groupOf(byName map[string]*Group, name string) *Group {
	g := byName[name]
	if g == nil {
		g = &Group{Name: name}
		byName[name] = g
	}
	return g
}

func (g *Group) count(in *Ingress) {
	g.Ingresses++
	g.Readiness.add(in.State)
	for i, n := range in.Classes {
		g.Classes[i] += n
	}
}

func sortGroups(byName map[string]*Group) []*Group {
	out := make([]*Group, 0, len(byName))
	for _, g := range byName {
		slices.Sort(g.Namespaces)
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *Group) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// attach gives every Ingress its findings that are left.
func (b *describer) attach(all []finding.Finding) {
	for first := 0; first < len(all); {
		o, end := all[first].Origin.Object, first+1
		for end < len(all) && all[end].Origin.Object == o {
			end++
		}
		if in := b.byObject[o]; in != nil {
			in.Findings = all[first:end:end]
		}
		first = end
	}
	for _, in := range b.Ingresses {
		in.Suppressed -= len(in.Findings)
	}
}
