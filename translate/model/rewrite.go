package model

// Rewrite replaces the path that the backend sees; the query is kept.
type Rewrite struct {
	Pattern      string // RE2 over the whole path; "" replaces the whole path by Substitution taken literally
	Substitution string // with \1 for groups if Pattern is set
	// Template replaces the path by a value with variables (no groups); used when not nil.
	Template Value
	Origin   Origin
}

// HTTPSRedirect sends plain-HTTP requests to HTTPS, before anything that protects the rule.
type HTTPSRedirect struct {
	Code     int
	CutSlash bool   // a final slash of the path is dropped
	Port     string // written into Location; "" leaves it out
	NoHost   bool   // concerns only requests without a Host header
	// Certified is set when names of the host that its certificate is not for are left out.
	Certified bool
	Origin    Origin
}
