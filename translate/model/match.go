package model

// Match says which requests of a host a rule takes. All parts must hold.
type Match struct {
	Path    Path
	Methods []string // empty: any
	Headers []HeaderMatch
	Scheme  string // "http", "https" or "" for both
}

// Path is one kind of path match. Paths are compared in decoded form, after dot segments are resolved and slashes merged;
// the query never counts.
type Path interface{ isPath() }

// The kinds of path match.
type (
	// AnyPath matches every path.
	AnyPath struct{}
	// ExactPath matches one path.
	ExactPath string
	// SegmentPrefix matches the path itself and everything below it: /foo, /foo/x, not /foobar. It has no final slash.
	SegmentPrefix string
	// BelowPrefix matches everything that begins with the text, which ends in a slash: /foo/, /foo/x, not /foo.
	BelowPrefix string
	// RegexPath is RE2 and must match the whole percent-encoded path.
	RegexPath string
)

func (AnyPath) isPath()       {}
func (ExactPath) isPath()     {}
func (SegmentPrefix) isPath() {}
func (BelowPrefix) isPath()   {}
func (RegexPath) isPath()     {}

// HeaderMatch compares one request header.
type HeaderMatch struct {
	Name    string // lower case
	Exact   string
	Regex   string // RE2, whole value; used when not empty
	Present bool   // only presence counts
	Not     bool   // inverts the match; an absent header then matches
}
