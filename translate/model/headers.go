package model

// Value is text with variables in it.
type Value []Part

// Part is literal text (Var == VarLiteral) or a variable, with Text as its parameter.
type Part struct {
	Var  Var
	Text string
	Sub  string // VarPathCapture: what the whole path becomes, with \1 for groups of Text
}

// Var is a property of the request.
type Var int

// The variables. Text is the name for VarHeader, VarQuery and VarCookie; an RE2 pattern for VarPathCapture.
const (
	VarLiteral         Var = iota
	VarHeader              // a request header by its lower-case name
	VarQuery               // a query parameter
	VarRequestURI          // path and query as received
	VarPath                // path without query
	VarQueryString         // query without question mark
	VarHost                // Host header without port
	VarAuthority           // Host header as sent
	VarScheme              // http or https, as the client connected (or as a trusted proxy says)
	VarServerPort          // 80 or 443, as dialled
	VarRemoteAddress       // client address
	VarMethod              // request method
	VarRequestID           // X-Request-ID
	VarTLSVersion          // of the client connection
	VarPeerSubject         // subject of the client certificate, RFC 2253
	VarPeerIssuer          // issuer of the client certificate, RFC 2253
	VarPeerCertificate     // client certificate, URL-encoded PEM
	VarPathCapture         // the path with the RE2 in Text, which covers it, replaced by Sub
	VarOptionalQuery       // "?" and the query, or nothing without a query
	VarEscapedURI          // path and query, escaped to be the value of a query parameter
	VarCookie              // a cookie by its name
)

// Text makes a Value of literal text.
func Text(s string) Value { return Value{{Text: s}} }

// Literal tells whether the value has no variables, and gives its text.
func (v Value) Literal() (string, bool) {
	s := ""
	for _, p := range v {
		if p.Var != VarLiteral {
			return "", false
		}
		s += p.Text
	}
	return s, true
}

// HeaderOp changes one header.
type HeaderOp struct {
	Name   string
	Value  Value
	Remove bool // remove instead of set
	Add    bool // append a further value instead of replacing
	// Empty tells that the value may be empty, in which case the header is not sent (the client's own copy neither).
	Empty  bool
	Origin Origin
}

// CORS answers preflights and adds the CORS headers to every response of the rule, refusals included.
type CORS struct {
	// Origins are RE2 patterns, one of which the whole Origin must match, without case. Empty means any origin, answered with a literal *.
	Origins []string
	// Headers are sent with every response; Access-Control-Allow-Origin is not among them.
	Headers []HeaderOp
	Origin  Origin
}

// UpstreamHost replaces the Host that the backend sees.
type UpstreamHost struct {
	Host   string
	Origin Origin
}

// LocationRewrite replaces the beginning of Location and Refresh of backend answers.
type LocationRewrite struct {
	From, To string
	Origin   Origin
}

// CookieRewrite replaces Domain and Path attributes of Set-Cookie of backend answers. Empty: left alone.
type CookieRewrite struct {
	DomainFrom, DomainTo string
	PathFrom, PathTo     string
	Origins              []Origin
}

// HSTS is the Strict-Transport-Security header on answers over TLS.
type HSTS struct {
	Value  string
	Origin Origin
}

// ErrorPages lets another Service answer instead of listed statuses.
type ErrorPages struct {
	Codes     []int
	Backend   Backend
	LocalOnly bool // only errors made by the proxy itself
	Service   string
	Port      string // name or number of the Ingress's own backend port, as told to the error service
	Namespace string
	Ingress   string
	Origin    Origin
}
