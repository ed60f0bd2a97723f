package model

// Balance says how endpoints are chosen.
type Balance struct {
	Algorithm Algorithm
	Hash      Value // consistent hashing by this value; nil: none
	Subset    int   // > 0: a key uses this many endpoints
	Origin    Origin
}

// Algorithm chooses among endpoints.
type Algorithm int

// The algorithms.
const (
	RoundRobin Algorithm = iota
	LeastRequest
)

// Affinity keeps a client on one endpoint by a cookie.
type Affinity struct {
	Cookie          string
	Path            string
	Domain          string
	SameSite        string
	SpareBrowsers   bool // SameSite is left out for browsers of 2018 and 2019 that mishandle None
	MaxAge          int  // seconds; 0: a session cookie
	Secure          bool // always; otherwise only over TLS
	Persistent      bool // the cookie names one endpoint until it disappears
	ChangeOnFailure bool // a failing endpoint is left and a new cookie issued
	NoIssue         bool // the cookie is honoured, and issued by other rules only
	Origins         []Origin
}
