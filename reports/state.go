package reports

import (
	"encoding/json"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// State says how far an Ingress is from being moved.
type State string

// The states, from harmless to severe; the last two are those of Ingresses that are not moved at all.
const (
	Ready   State = "ready"   // as it is: behaves as before
	Differs State = "differs" // moves with differences that are named
	ByHand  State = "work"    // something has to be done by hand
	Blocked State = "blocked" // a route is closed, or is not served, until somebody acts
	Skipped State = "skipped" // another controller's
	Failed  State = "failed"  // unreadable, or not served by the controller either
)

// States lists the states in the order in which reports show them.
func States() []State { return []State{Ready, Differs, ByHand, Blocked, Skipped, Failed} }

// Meaning is the state in words.
func (s State) Meaning() string {
	return map[State]string{
		Ready: "move as they are", Differs: "move with differences that are named", ByHand: "need work by hand", Blocked: "blocked: a route is closed or not served",
		Skipped: "of other controllers", Failed: "unreadable, or not served today either",
	}[s]
}

func (s State) rank() int { return slices.Index(States(), s) }

// stateOf is how far from being moved a finding leaves its Ingress.
func stateOf(f *finding.Finding) State {
	switch f.Code {
	case finding.ForeignClass, finding.NoClass, finding.UnknownClass:
		return Skipped
	case finding.IngressDropped, finding.ValueDropsAll, finding.CatchAllDisabled:
		return Failed
	}
	accepted := f.Waived
	switch {
	case f.Blocking():
		return Blocked
	case f.Class == finding.Refused || f.Class == finding.Manual:
		if accepted {
			return Differs
		}
		if f.Class == finding.Manual && f.Severity() == finding.Error {
			return Blocked
		}
		return ByHand
	case f.Class == finding.Approximate:
		if !accepted && f.Severity() == finding.Error {
			return Blocked
		}
		return Differs
	}
	return Ready
}

// Readiness counts Ingresses by state.
type Readiness struct {
	Ready   int `json:"ready"`
	Differs int `json:"differs"`
	Work    int `json:"work"`
	Blocked int `json:"blocked"`
	Skipped int `json:"skipped"`
	Failed  int `json:"failed"`
}

func (r *Readiness) of(s State) *int {
	switch s {
	case Ready:
		return &r.Ready
	case Differs:
		return &r.Differs
	case ByHand:
		return &r.Work
	case Blocked:
		return &r.Blocked
	case Skipped:
		return &r.Skipped
	}
	return &r.Failed
}

func (r *Readiness) add(s State) { *r.of(s)++ }

// Of is the number of Ingresses in a state.
func (r Readiness) Of(s State) int { return *r.of(s) }

// Total is the number of Ingresses.
func (r Readiness) Total() int {
	return r.Ready + r.Differs + r.Work + r.Blocked + r.Skipped + r.Failed
}

// Moving is the number of Ingresses that are to be moved.
func (r Readiness) Moving() int { return r.Total() - r.Skipped - r.Failed }

// ClassCounts counts values by class, in the order of Classes.
type ClassCounts [7]int

func classIndex(c finding.Class) int {
	switch c {
	case finding.Exact:
		return 0
	case finding.Approximate:
		return 1
	case finding.Noop:
		return 2
	case finding.Manual:
		return 3
	case finding.Refused:
		return 4
	case finding.Invalid:
		return 5
	}
	return 6
}

// Of is the number of values of a class.
func (c ClassCounts) Of(class finding.Class) int { return c[classIndex(class)] }

// MarshalJSON writes the classes that occur, by name.
func (c ClassCounts) MarshalJSON() ([]byte, error) {
	out := map[finding.Class]int{}
	for i, class := range Classes() {
		if c[i] > 0 {
			out[class] = c[i]
		}
	}
	return json.Marshal(out)
}

// worse tells whether a class is worse than another.
func worse(c, than finding.Class) bool { return severity(c) > severity(than) }

func severity(c finding.Class) int {
	switch c {
	case finding.Exact:
		return 1
	case finding.Noop:
		return 2
	case finding.Unknown:
		return 3
	case finding.Invalid:
		return 4
	case finding.Approximate:
		return 5
	case finding.Manual:
		return 6
	case finding.Refused:
		return 7
	}
	return 0
}
