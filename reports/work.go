package reports

import (
	"cmp"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Work is what an owner has to do.
type Work struct {
	Owner   string // team; "" for the platform
	Minutes int
	Tasks   []*Task // by severity, code and field
}

// Task is one kind of thing to do: the findings of one code about one field.
type Task struct {
	Code     finding.Code
	Field    string // indexes left out, as in spec.rules[].host
	Severity finding.Severity
	Blocking bool
	Message  string // of the first
	Varied   bool   // others say it of other values
	Advice   string
	Count    int
	Objects  []*finding.Object // the first few, each once
	More     int               // further objects
	Minutes  int

	class finding.Class
	last  *finding.Object
}

// taskObjects is how many objects a task names.
const taskObjects = 20

type taskKey struct {
	owner    string
	code     finding.Code
	field    string
	class    finding.Class
	blocking bool
}

// work sorts what has to be done by who has to do it.
func (b *describer) work(all []finding.Finding) {
	tasks := map[taskKey]*Task{}
	byOwner := map[string]*Work{"": {}}
	for _, t := range b.Teams {
		byOwner[t.Name] = &Work{Owner: t.Name}
	}
	for i := range all {
		f := &all[i]
		if !hasToBeDone(f) {
			continue
		}
		k := taskKey{b.ownerOf(f), f.Code, GeneralField(f.Origin.Field), f.Class, f.Blocking()}
		t := tasks[k]
		if t == nil {
			t = &Task{Code: k.code, Field: k.field, Severity: f.Severity(), Blocking: k.blocking, Message: f.Message(), Advice: f.Code.Entry().Advice, class: f.Class}
			tasks[k] = t
			w := byOwner[k.owner]
			if w == nil {
				w = &Work{Owner: k.owner}
				byOwner[k.owner] = w
			}
			w.Tasks = append(w.Tasks, t)
		}
		t.add(f)
	}
	for _, w := range byOwner {
		b.finishWork(w)
	}
	slices.SortFunc(b.Work, func(x, y *Work) int { return cmp.Compare(x.Owner, y.Owner) })
	b.addEffort(all)
}

// finishWork sorts the tasks of an owner, estimates them and, if there are any, lists the owner.
func (b *describer) finishWork(w *Work) {
	if len(w.Tasks) == 0 {
		return
	}
	slices.SortFunc(w.Tasks, func(x, y *Task) int {
		return cmp.Or(-compareBools(x.Blocking, y.Blocking), cmp.Compare(y.Severity, x.Severity), cmp.Compare(x.Code, y.Code), cmp.Compare(x.Field, y.Field), cmp.Compare(x.class, y.class))
	})
	for _, t := range w.Tasks {
		t.Minutes = b.Effort.task(t)
		w.Minutes += t.Minutes
	}
	b.Work = append(b.Work, w)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (t *Task) add(f *finding.Finding) {
	t.Count++
	if !t.Varied && t.Count > 1 && f.Message() != t.Message {
		t.Varied = true
	}
	o := f.Origin.Object
	if o == nil || o == t.last { // findings of one object stand together
		return
	}
	t.last = o
	if len(t.Objects) < taskObjects {
		t.Objects = append(t.Objects, o)
	} else {
		t.More++
	}
}

// hasToBeDone tells whether somebody has to look at a finding.
func hasToBeDone(f *finding.Finding) bool {
	e := f.Code.Entry()
	switch {
	case f.Waived:
		return false
	case f.Blocking() || f.Class == finding.Manual || f.Class == finding.Refused:
		return true
	}
	return e.Severity >= finding.Warning && e.Advice != "Nothing." && e.Advice != ""
}

// ownerOf is who has to act on a finding: the team of its Ingress or namespace, or the platform ("").
func (b *describer) ownerOf(f *finding.Finding) string {
	o := f.Origin.Object
	if o == nil || platforms(f.Code) || o.Kind == "ConfigMap" || o.Namespace == "" {
		return ""
	}
	if in := b.byObject[o]; in != nil {
		return in.Team
	}
	return b.team(o.Namespace, nil)
}

// platforms tells whether a code is the platform team's to act on, whatever Ingress it is about.
func platforms(c finding.Code) bool {
	switch c {
	case finding.NotListed, finding.HostShared, finding.NoEnvoyFilter, finding.NoLua, finding.TooOld, finding.CapabilityMissing, finding.PortNotServed,
		finding.SecretReadable, finding.NoGuardToken, finding.NoHTTPS, finding.DeadRedirect, finding.HostTaken, finding.SecretReference, finding.SecretCopied,
		finding.HostPlatform, finding.HostUnmapped, finding.IssuerForeign, finding.InvalidOutput:
		return true
	}
	return c >= "I2G6" && c < "I2G7"
}
