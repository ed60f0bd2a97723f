package runner

// State is the outcome of a case.
type State string

// The states, from good to bad.
const (
	Pass     State = "pass"     // every expectation holds
	Declared State = "declared" // differs as the case allows, and the report says so
	NotRun   State = "n/a"      // cannot be translated at all, and no converter was asked
	Skipped  State = "skipped"  // no translation at hand, or an ability of the runner is missing
	Silent   State = "silent"   // differs as the case allows, but the report does not name it
	Fail     State = "fail"     // differs
	Broken   State = "error"    // could not be run
)

// Good tells whether the state lets the run succeed.
func (s State) Good() bool {
	switch s {
	case Pass, Declared, NotRun, Skipped:
		return true
	}
	return false
}

// Result of one case.
type Result struct {
	Name     string   `json:"name"`
	File     string   `json:"file"`
	Covers   []string `json:"covers"`
	Feature  string   `json:"feature"`
	State    State    `json:"state"`
	Mutation string   `json:"mutation,omitempty"`
	// Applied tells whether the mutation found something to break.
	Applied bool `json:"applied,omitempty"`
	// Refused tells whether Istio or Envoy refused something that was emitted.
	Refused  bool     `json:"refused,omitempty"`
	Requests Requests `json:"requests"`
	// Problems say what failed; Notes what was unusual without being a failure.
	Problems []string `json:"problems,omitempty"`
	Notes    []string `json:"notes,omitempty"`
	// Overclaimed are covered keys for which a difference was reported that is not there.
	Overclaimed []string `json:"overclaimed,omitempty"`
	Seconds     float64  `json:"seconds"`
	// Retried tells that the first run failed and the case was run again with nothing beside it.
	Retried bool `json:"retried,omitempty"`
}

// Requests counts the steps of a case.
type Requests struct {
	Total    int `json:"total"`
	Exact    int `json:"exact"`    // as expected
	Accepted int `json:"accepted"` // by one of the accepted alternatives
	Failed   int `json:"failed"`
}
