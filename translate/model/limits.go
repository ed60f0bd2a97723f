package model

import "time"

// Timeouts of a rule. Zero: the target's default.
type Timeouts struct {
	Connect time.Duration // per try
	Read    time.Duration // between two reads from the backend, not a total
	Send    time.Duration // between two writes
	Origins []Origin
}

// Retries says when a request is tried again.
type Retries struct {
	Tries         int // in total, the first included; 0 means unlimited
	OnError       bool
	OnTimeout     bool
	Codes         []int // statuses of the backend
	NonIdempotent bool  // POST, LOCK and PATCH are repeated as well
	Budget        time.Duration
	Origins       []Origin
}

// Body limits and collects request bodies.
type Body struct {
	Max    int64 // bytes; 0: unlimited
	Buffer bool  // the body is collected before the backend is contacted
	Stated bool  // Max is stated in the input, not just the source's default
	Origin Origin
}

// RateLimit limits requests per client. One zone is shared by all rules that name it.
type RateLimit struct {
	Zone      string // "namespace/ingress"
	PerSecond int
	PerMinute int
	Burst     int      // multiplier of the limit
	Exempt    []string // CIDRs
	Status    int
	Header    string // counts by this request header instead of the client's address
	Origins   []Origin
}

// ConnectionLimit limits concurrent requests of all clients together. All rules that name a zone share one count.
type ConnectionLimit struct {
	Zone   string // "namespace/ingress"
	Max    int
	Origin Origin
}

// Bandwidth limits the speed of each response.
type Bandwidth struct {
	KiBPerSecond int
	Origin       Origin
}

// AccessLog switches the access log.
type AccessLog struct {
	Off    bool
	Origin Origin
}

// Tracing switches spans.
type Tracing struct {
	On        *bool
	Operation string
	Origin    Origin
}

// Sampling says which share of the requests gets spans.
type Sampling struct {
	Percent   float64
	Collector *Backend // gets the spans by gRPC; nil: not known here
	Origin    Origin
}
