package model

// Action is what happens to a request of a rule: Forward, Redirect or Respond. nil means that nobody answers (404).
type Action interface{ isAction() }

// Forward sends the request to a backend.
type Forward struct {
	Backend Backend
}

// Respond answers with a fixed status.
type Respond struct {
	Status  int
	Body    string
	Headers []HeaderOp
	// AfterAccess is set when the answer stands in place of a backend: the rule's access checks come first. Without it the
	// answer comes before them, as a redirect does.
	AfterAccess bool
}

// Redirect answers with a Location.
type Redirect struct {
	Code int // 300 to 308
	// Location is the whole Location header, sent as it is, whatever the request's path and query are. If it is empty,
	// the other fields change parts of the request's URL and the query is kept.
	Location Value
	// Text is a body that is sent in place of any Location: what nginx does with the statuses that it does not redirect by.
	Text string

	Scheme      string // "" keeps the scheme
	Authority   string // host or host:port; "" keeps the request's Host
	Path        string // "" keeps the path
	PathPattern string // RE2 over the whole path, with Path as its substitution (\1); "" takes Path as it is
	DropQuery   bool
	// Origin is that of the setting that says so, where it is not the rule itself.
	Origin Origin
}

func (Forward) isAction()  {}
func (Respond) isAction()  {}
func (Redirect) isAction() {}

// Backend is a port of a Service, and how to speak to it.
type Backend struct {
	Namespace, Service string
	Port               int32 // number of the Service port, resolved
	ExternalName       string
	// External is set when the Service does not list the port of an ExternalName Service: the name has to be published
	// as a service entry of its own.
	External bool
	Protocol Protocol
	TLS      *BackendTLS // for HTTPS, GRPCS and SameAsClient
}

// Protocol is what a backend speaks.
type Protocol int

// The backend protocols.
const (
	HTTP Protocol = iota
	HTTPS
	GRPC
	GRPCS
	SameAsClient // TLS for requests that came by TLS, else plain
)

// BackendTLS is how the connection to a TLS backend is made. The zero value verifies nothing and presents nothing.
type BackendTLS struct {
	Verify     bool
	Name       string     // expected in the certificate; with SendName also the SNI
	SendName   bool       // SNI is sent
	Secret     *SecretRef // with tls.crt and tls.key, or ca.crt, or all of them
	HasPair    bool       // the Secret holds a client certificate
	MinVersion string     // "TLSv1_2", "TLSv1_3" or ""
	MaxVersion string
	Ciphers    []string // BoringSSL names for TLS 1.2; nil: the target's default
	Origin     Origin
	// NameOrigin is where it is stated whether a name is sent, if not where TLS is.
	NameOrigin Origin
}

// SecretRef names a Secret of the input.
type SecretRef struct{ Namespace, Name string }

// Canary moves part of a rule's traffic to another backend. The checks run in the order of the fields.
type Canary struct {
	Backend  Backend
	Balance  *Balance // of the canary's own endpoints; nil as everywhere
	Header   string   // "always" goes to the canary, "never" to the main, unless Value or Pattern is set
	Value    string
	Pattern  string // RE2, found anywhere in the value
	Stuck    bool   // the pattern does not compile on the source: any value goes to the main
	Cookie   string // "always", "never"
	Weight   int
	Total    int
	Sticky   bool // sessions stay on the side they were given (both sides); otherwise only those of the main side
	Origin   Origin
	Fallback bool // an empty canary falls back to the main
}

// Fallback is a second Service for when the first has no endpoints.
type Fallback struct {
	Backend Backend
	Origin  Origin
}

// Mirror copies requests to another Service, whose answers are ignored.
type Mirror struct {
	Backend Backend
	Host    string // Host of the copy
	Path    string // "" sends the request's own path and query, else this path and the query
	Prefix  string // put in front of the request's own path
	Origin  Origin
}
