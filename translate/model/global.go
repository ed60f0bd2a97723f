package model

import "time"

// Global is what holds for every host of an edge.
type Global struct {
	HSTS *HSTS // nil: none

	AddHeaders     []HeaderOp // on every response, those without a rule included
	HideHeaders    []string   // removed from backend answers
	RequestHeaders []HeaderOp // on every request to a backend
	KeepServer     bool       // the backend's Server header reaches the client

	Forwarded Forwarded // who is believed about the client's address and scheme

	DropUnderscores    bool // request headers with underscores are dropped
	DropInvalidHeaders bool
	NoRequestID        bool
	OriginalURI        bool // X-Original-URI is sent to backends
	GatewayStatuses    bool // 502 and 504 for failed backends instead of 503
	HTTP10             bool
	MaxHeaderKB        int           // of all request headers; 0: default
	HeaderTimeout      time.Duration // for the head of a request; 0: the target's
	IdleTimeout        time.Duration // of client connections; 0: the target's
	MaxRequests        int           // over one client connection; 0: the target's
	MaxStreams         int           // at the same time over one HTTP/2 connection; 0: the target's

	BlockAgents   []string // RE2, whole value
	BlockReferers []string
	BlockCIDRs    []string
	BlockTrusted  []string // peers whose forwarded addresses are believed for BlockCIDRs; empty: as everywhere
	BlockOrigins  []Origin

	Compression *Compression // by gzip
	Brotli      *Compression // where the client takes both, it goes before gzip

	NoAccessLog bool      // nothing is logged
	LogSkip     []string  // paths with query that are not logged, as they are received
	Sampling    *Sampling // of spans; nil: the target's own

	Balance        Algorithm     // for Services whose rules state none
	ConnectTimeout time.Duration // for rules that state none; 0: the source's default of 5 s

	MinTLS, MaxTLS string   // "TLSv1_2", "TLSv1_3"
	Ciphers        *Ciphers // nil: the target's default
	RejectUnknown  bool     // the handshake fails for names without a host

	DefaultCertificate *SecretRef // stated by the controller's flag
	ProxyProtocol      bool
	// Origins say where the settings above are stated, by field name. What is not among them is the source's default.
	Origins map[string]Origin
}

// Forwarded says whose word about the client is believed.
type Forwarded struct {
	Trust      bool     // forwarded headers of the peer are believed
	Header     string   // that carries the client's address; "" X-Forwarded-For
	HostHeader string   // whose value goes into X-Original-Forwarded-Host; "" X-Forwarded-Host
	Append     bool     // the peer is appended to X-Forwarded-For instead of replacing it
	Proxies    []string // CIDRs of trusted peers; empty: everybody
	RealOnly   bool     // only the address is believed, not scheme, host and port
	Origin     Origin
}

// Compression compresses responses.
type Compression struct {
	Level     int
	MinLength int
	Types     []string
	Origin    Origin
}
